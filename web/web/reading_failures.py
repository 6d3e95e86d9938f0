"""Why a document or page could not be read, in the reader's language.

The gateway stores the sentence of whoever met the failure; those of web pages are known here.
"""

from web.known_sentences import KnownSentences
from web.languages import N_, Language

SENTENCES = (
    N_("The address is longer than %(number)s characters."),
    N_("The address has characters in it that no web address has."),
    N_("Only addresses that begin with https:// or http:// are read."),
    N_("Addresses with a user name or a password in them are not read."),
    N_("The port of the address is not a number."),
    N_("The host of the address is not written as hosts are."),
    N_("The page redirects to an address that cannot be read."),
    N_("This installation reads pages only of the hosts its operator has listed."),
    N_("Only servers on these ports are read: %(ports)s."),
    N_("Only public addresses are read."),
    N_("No public web server answers at this address."),
    N_("The address redirects in a circle."),
    N_("The address redirects more than %(number)s times."),
    N_("The address redirects from https to http, which is not followed."),
    N_("The server could not prove that it is the one the address names."),
    N_("The server took too long to answer."),
    N_("The server's answer could not be read to its end."),
    N_("The server's answer has too many headers."),
    N_("The server's answer is larger than is read here."),
    N_("The server's answer ended in the middle."),
    N_("The server's answer cannot be unpacked."),
    N_("The address leads to something other than a web page, text, Markdown or PDF."),
    N_("The page is larger than %(size)s."),
    N_("Reading web pages is switched off on this installation."),
    N_("The page asks for a sign-in, so it cannot be read."),
    N_("The page's server does not let it be read."),
    N_("There is no page at this address."),
    N_("There is no page at this address any more."),
    N_("The page's server is asked too often. Try again later."),
    N_("The page's server answered with an error (%(number)s)."),
    N_("The page has no readable text; it may be made by scripts, or ask for a sign-in."),
)

_KNOWN = KnownSentences(SENTENCES)


def words_of_failure(language: Language, message: str) -> str:
    """The sentence in the reader's language, if it is a known one; else as it came."""
    return _KNOWN.translated(language, message) or message
