"""Web pages by their address: fetched through the one outbound client, and named by their type."""

import codecs
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass

from anyio.from_thread import start_blocking_portal

from ingest.errors import PageRefused, UnsupportedFile
from runtime.outbound.client import Fetched, OutboundClient
from runtime.outbound.errors import OutboundRefused, WrongType
from runtime.outbound.policy import OutboundPolicy
from runtime.outbound.resolving import Resolver

_BEAT_SECONDS = 1.0
_NAME_OF = {
    "text/html": "page.html",
    "application/xhtml+xml": "page.html",
    "text/plain": "page.txt",
    "text/markdown": "page.md",
    "text/x-markdown": "page.md",
    "application/pdf": "page.pdf",
    "application/x-pdf": "page.pdf",
}
"""What a parser is told of a page's kind. Its content decides, as with files."""

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "shift-jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "iso-8859-1": "cp1252",
    "iso-8859-2": "iso8859_2",
    "iso-8859-15": "iso8859_15",
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
}
"""Those of the web beside Unicode, as browsers read them. Python knows others by names that a
server could choose, some of which take quadratic time."""

_WRONG_TYPE = "The address leads to something other than a web page, text, Markdown or PDF."
_OFF = "Reading web pages is switched off on this installation."
_OF_STATUS = {
    401: "The page asks for a sign-in, so it cannot be read.",
    403: "The page's server does not let it be read.",
    404: "There is no page at this address.",
    407: "The page asks for a sign-in, so it cannot be read.",
    410: "There is no page at this address any more.",
    429: "The page's server is asked too often. Try again later.",
}


@dataclass(frozen=True)
class Page:
    """A page as it was fetched. filename: for its parser."""

    url: str
    media_type: str
    charset: str | None
    filename: str
    content: bytes

    @property
    def readable(self) -> bytes:
        """The content for its parser: marked as UTF-8 where the server named another encoding."""
        encoding = _ENCODINGS.get((self.charset or "").lower().replace("_", "-"))
        if encoding is None or self.filename.endswith(".pdf") or self.content.startswith(_MARKS):
            return self.content
        # Servers are often wrong, and hardly any other text is valid UTF-8 by chance.
        text = _decoded(self.content, "utf-8") or _decoded(self.content, encoding)
        return self.content if text is None else codecs.BOM_UTF8 + text.encode()


class Pages:
    """Fetches pages, if the installation has that switched on."""

    def __init__(
        self, policy: OutboundPolicy, *, is_on: bool, resolver: Resolver | None = None
    ) -> None:
        self._client = OutboundClient(policy, resolver)
        self._is_on = is_on

    def fetch(self, url: str, beat: Callable[[], None] = lambda: None) -> Page:
        """The page. Raises FileRefused with the reason. `beat` is called while waiting."""
        if not self._is_on:
            raise PageRefused(_OFF)
        try:
            answer = self._waited_for(url, beat)
        except WrongType as error:
            raise UnsupportedFile(_WRONG_TYPE) from error
        except OutboundRefused as error:
            raise PageRefused(error.message) from error
        if not answer.is_success:
            raise PageRefused(_words_of(answer.status))
        return Page(
            answer.url,
            answer.content_type or "application/octet-stream",
            answer.charset,
            _NAME_OF.get(answer.content_type, "page"),
            answer.content,
        )

    def _waited_for(self, url: str, beat: Callable[[], None]) -> Fetched:
        types = frozenset(_NAME_OF)
        # In a thread of its own: a signal that ends this task is raised here, where it unwinds,
        # and not inside some callback of an event loop, which would swallow it.
        with start_blocking_portal() as portal:
            answer = portal.start_task_soon(lambda: self._client.fetch(url, types=types))
            try:
                while not wait([answer], timeout=_BEAT_SECONDS).done:
                    beat()
            except BaseException:
                answer.cancel()
                raise
            return answer.result()


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _words_of(status: int) -> str:
    return _OF_STATUS.get(status, f"The page's server answered with an error ({status}).")
