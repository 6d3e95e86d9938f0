"""Why a budget or a limit refused a call, and until when, in the reader's language.

The gateway says it in one English sentence; its forms are known here.
"""

from web.known_sentences import KnownSentences
from web.languages import N_, Language

_SENTENCES = (
    N_("This answer could pass your budget of %(amount)s a day. It begins anew on %(time)s."),
    N_("This answer could pass your budget of %(amount)s a month. It begins anew on %(time)s."),
    N_(
        "This answer could pass the workspace's budget of %(amount)s a day. "
        "It begins anew on %(time)s."
    ),
    N_(
        "This answer could pass the workspace's budget of %(amount)s a month. "
        "It begins anew on %(time)s."
    ),
    N_(
        "This answer could pass the assistant's budget of %(amount)s a day. "
        "It begins anew on %(time)s."
    ),
    N_(
        "This answer could pass the assistant's budget of %(amount)s a month. "
        "It begins anew on %(time)s."
    ),
    N_("This answer could pass the key's budget of %(amount)s a day. It begins anew on %(time)s."),
    N_(
        "This answer could pass the key's budget of %(amount)s a month. It begins anew on %(time)s."
    ),
    N_("This model is priced in %(currency)s, and %(budget)s allows nothing in it."),
    N_("This call is over the limit of %(number)s tokens a minute. Try again in %(seconds)s s."),
    N_("This call is over the limit of %(number)s requests a minute. Try again in %(seconds)s s."),
)
_KNOWN = KnownSentences(_SENTENCES)


def words_of_refusal(language: Language, message: str) -> str | None:
    """The sentence in the reader's language; None for one that is not known."""
    return _KNOWN.translated(language, message)
