"""The header of a passage: title > section path > page. Indexed with it, never quoted."""

from bisect import bisect_right
from collections.abc import Callable

from ingest.parsing.parsed import Parsed, Section

MAX_HEADER_TOKENS = 96
_MAX_PART_CHARACTERS = 100
_SEPARATOR = " > "


class Headers:
    """The headers and pages of one document, found by position."""

    def __init__(self, parsed: Parsed, count: Callable[[list[str]], list[int]]) -> None:
        self._title = _short(parsed.title)
        self._pages = parsed.pages
        self._page_starts = [page.start for page in parsed.pages]
        self._sections = parsed.sections
        self._section_starts = [section.start for section in parsed.sections]
        self._paths = _paths(parsed.sections)
        self._count = count
        self._fitted: dict[str, str] = {}
        self._text = parsed.text

    def page_at(self, position: int) -> int | None:
        """The page a position lies on; None for sources without pages."""
        found = bisect_right(self._page_starts, position) - 1
        return self._pages[found].number if found >= 0 else None

    def at(self, position: int) -> str:
        """The header of a passage that begins at `position`."""
        path = self._paths[self._section_of(position)] if self._sections else ()
        parts = [self._title, *(part for part in path if part != self._title)]
        page = self.page_at(position)
        if page is not None:
            parts.append(f"page {page}")
        header = _SEPARATOR.join(parts)
        if header not in self._fitted:
            self._fitted[header] = self._fit(parts)
        return self._fitted[header]

    def _section_of(self, position: int) -> int:
        """The section a passage belongs to: the last heading of the run it opens with."""
        found = bisect_right(self._section_starts, position) - 1
        while 0 <= found < len(self._sections) - 1:
            this, following = self._sections[found], self._sections[found + 1]
            if position > this.start or not is_empty_parent(self._text, this, following):
                break
            position, found = following.start, found + 1
        return found

    def _fit(self, parts: list[str]) -> str:
        """Within MAX_HEADER_TOKENS: the middle of the path goes first, then ends of the parts."""
        while len(parts) > 2 and self._tokens(parts) > MAX_HEADER_TOKENS:
            parts = [parts[0], *parts[2:]]
        while self._tokens(parts) > MAX_HEADER_TOKENS:
            parts = [part[: len(part) // 2] for part in parts]
        return _SEPARATOR.join(filter(None, parts))

    def _tokens(self, parts: list[str]) -> int:
        return self._count([_SEPARATOR.join(parts)])[0]


def is_empty_parent(text: str, before: Section, section: Section) -> bool:
    """`before` is a heading with nothing under it but this section."""
    return section.level >= before.level and not text[before.end : section.start].strip()


def _paths(sections: list[Section]) -> list[tuple[str, ...]]:
    """For each section its own title and those it stands under; last, for no section, none."""
    paths: list[tuple[str, ...]] = []
    open_sections: list[Section] = []
    for section in sections:
        while open_sections and open_sections[-1].level >= section.level:
            open_sections.pop()
        open_sections.append(section)
        paths.append(tuple(_short(one.title) for one in open_sections))
    return [*paths, ()]


def _short(title: str) -> str:
    return title if len(title) <= _MAX_PART_CHARACTERS else f"{title[: _MAX_PART_CHARACTERS - 1]}…"
