"""Collects blocks of text while counting where each page and heading begins."""

from contracts.jobs import ParsedPage
from ingest.errors import InvalidFile
from ingest.parsing.parsed import Parsed, Section
from ingest.parsing.text_cleaning import one_line, tidied


class TextWriter:
    """Blocks are cleaned one by one, so that offsets taken here are those of the final text."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[ParsedPage] = []
        self._sections: list[Section] = []
        self._page = 0
        self._page_to_open: int | None = None

    @property
    def sections(self) -> list[Section]:
        """The headings so far."""
        return self._sections

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)

    def page(self, number: int) -> None:
        """What follows lies on this page. A page without text leaves no mark."""
        if number > self._page:
            self._page = self._page_to_open = number

    def block(self, text: str, gap: str = "\n\n") -> None:
        """Append a paragraph; `gap` stands between it and what came before."""
        content = tidied(text)
        if content.strip():
            self._append(content, gap)

    def heading(self, text: str, level: int) -> None:
        """Append a heading on a line of its own."""
        title = one_line(text)
        if not title:
            return
        start = self._append(title, "\n\n")
        self._sections.append(
            Section(start=start, end=self._length, level=min(max(level, 1), 9), title=title)
        )

    def parsed(self, title: str, nothing: str = "The file has no text in it.") -> Parsed:
        """The document. Raises InvalidFile, saying `nothing`, when no text was written."""
        if not self._parts:
            raise InvalidFile(nothing)
        return Parsed(title=title, text=self.text, pages=self._pages, sections=self._sections)

    def _append(self, content: str, gap: str) -> int:
        if self._parts:
            content_start = self._length + len(gap)
            self._parts.append(gap)
        else:
            content_start = 0
        self._parts.append(content)
        self._length = content_start + len(content)
        if self._page_to_open is not None:
            self._pages.append(ParsedPage(number=self._page_to_open, start=content_start))
            self._page_to_open = None
        return content_start
