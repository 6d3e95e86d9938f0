"""Markdown as its reader sees it: headings give the section path, markup disappears."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.parsing.encodings import decoded
from ingest.parsing.html import fragment_text
from ingest.parsing.parsed import Parsed
from ingest.parsing.text_cleaning import cleaned, joint, title_of
from ingest.parsing.writer import TextWriter

MAX_NESTING = 100
"""Quotes and lists within one another; the parser drops what lies deeper, and recurses."""

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)


def parse(source: Path, filename: str) -> Parsed:
    """Read a Markdown file. Title: front matter, else the first top heading, else the name."""
    body, front_title = _without_front_matter(cleaned(decoded(source.read_bytes())))
    tokens = (
        MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
        .enable(["table", "strikethrough"])
        .parse(body)
    )
    walk = _Walk()
    for position, token in enumerate(tokens):
        walk.take(token, tokens[position - 1] if position else None)
    top = next((section.title for section in walk.writer.sections if section.level == 1), None)
    return walk.writer.parsed(title_of(front_title, top, filename=filename))


def _without_front_matter(text: str) -> tuple[str, str | None]:
    matter = _FRONT_MATTER.match(text)
    if matter is None:
        return text, None
    title = _FRONT_TITLE.search(matter.group(1))
    return text[matter.end() :], title.group(1).strip("\"' ") if title else None


class _Walk:
    """Block tokens in order, with the list and table they stand in."""

    def __init__(self) -> None:
        self.writer = TextWriter()
        self._numbers: list[int | None] = []
        self._marker = ""
        self._opens_list = False
        self._cells: list[str] | None = None
        self._has_rows = False

    def take(self, token: Token, before: Token | None) -> None:
        match token.type:
            case "inline":
                self._inline(token, before)
            case "fence" | "code_block":
                self._block(token.content)
            case "html_block":
                self._block(fragment_text(token.content))
            case "bullet_list_open":
                self._open_list(None)
            case "ordered_list_open":
                self._open_list(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._marker = self._next_marker()
            case _:
                self._table(token)

    def _inline(self, token: Token, before: Token | None) -> None:
        text = inline_text(token.children or ())
        if self._cells is not None:
            self._cells.append(text)
        elif before is not None and before.type == "heading_open":
            self.writer.heading(text, int(before.tag[1:]))
        else:
            self._block(text)

    def _open_list(self, first: int | None) -> None:
        self._opens_list = not self._numbers
        self._numbers.append(first)

    def _block(self, text: str) -> None:
        # Items of one list stand on neighbouring lines.
        gap = "\n" if self._marker and not self._opens_list else "\n\n"
        self.writer.block(self._marker + text, gap)
        self._marker, self._opens_list = "", False

    def _next_marker(self) -> str:
        indent = "  " * (len(self._numbers) - 1)
        number = self._numbers[-1]
        if number is None:
            return f"{indent}- "
        self._numbers[-1] = number + 1
        return f"{indent}{number}. "

    def _table(self, token: Token) -> None:
        if token.type == "table_open":
            self._has_rows = False
        elif token.type == "tr_open":
            self._cells = []
        elif token.type == "tr_close" and self._cells is not None:
            self.writer.block(" | ".join(self._cells), "\n" if self._has_rows else "\n\n")
            self._cells, self._has_rows = None, True


def inline_text(children: Sequence[Token]) -> str:
    """The words of a paragraph: links by their text, images by their description, no tags."""
    text = ""
    for piece in _pieces(children):
        text += joint(text, piece[1:]) + piece[1:] if piece.startswith("\n") else piece
    return text


def _pieces(children: Sequence[Token]) -> Iterator[str]:
    """Each piece of text; one that followed a soft line break begins with a line end."""
    is_wrapped = False
    for child in children:
        if child.type == "softbreak":
            is_wrapped = True
        elif child.type == "hardbreak":
            yield "\n\n"
        elif child.type in ("text", "code_inline", "image") and child.content:
            yield ("\n" if is_wrapped else "") + child.content
            is_wrapped = False
