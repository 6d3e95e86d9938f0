"""PDF with pypdfium2: page by page, lines joined to paragraphs, page numbers kept."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # ships no types
from pypdfium2 import PdfiumError

from ingest.errors import InvalidFile
from ingest.parsing.parsed import Parsed
from ingest.parsing.text_cleaning import (
    cleaned,
    is_wide,
    joint,
    title_of,
    unstorable,
)
from ingest.parsing.writer import TextWriter

NO_TEXT = "The PDF has no text layer (scanned pages are not supported yet)."

# PDFium puts U+FFFE (older builds U+0002) where a word was hyphenated at a line's end.
_HYPHENATED = re.compile("-?[\ufffe\x02]\r?\n?")
_FULL_LINE_SHARE = 0.75
_LIST_ITEM = re.compile(r"\s*(?:[-•–*·▪●○]|\(?\d{1,3}[.)、]|[（(][一二三四五六七八九十]{1,3}[)）])")


def parse(source: Path, filename: str) -> Parsed:
    """Read a PDF. Title: its own metadata, else the file's name."""
    document = opened(source)
    try:
        writer = TextWriter()
        for number, text in _page_texts(document):
            writer.page(number)
            writer.block(text)
        title = document.get_metadata_value("Title")
    finally:
        document.close()
    return writer.parsed(title_of(_sane(title), filename=filename), NO_TEXT)


def opened(source: Path) -> Any:
    """The document. Raises InvalidFile."""
    try:
        return pypdfium2.PdfDocument(source)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise InvalidFile("The PDF is protected by a password.") from error
        raise InvalidFile("The PDF is damaged: it cannot be opened.") from error


def _page_texts(document: Any) -> Iterator[tuple[int, str]]:
    for index in range(len(document)):
        try:
            page = document[index]
            text_page = page.get_textpage()
        except PdfiumError as error:
            raise InvalidFile(f"The PDF is damaged: page {index + 1} cannot be read.") from error
        raw = text_page.get_text_range()
        text_page.close()
        page.close()
        yield index + 1, page_text(raw)


def page_text(raw: str) -> str:
    """A page's text, from what PDFium reads of it. Whatever changes here beside white space must
    be told by `taken_out` too: marks on the page's picture are found by it."""
    return _reflowed(cleaned(_HYPHENATED.sub("", raw)))


def taken_out(raw: str) -> list[tuple[int, int]]:
    """The spans of what PDFium reads that `page_text` leaves out."""
    return [*(found.span() for found in _HYPHENATED.finditer(raw)), *unstorable(raw)]


def _sane(title: str) -> str | None:
    """Word processors leave file names and "untitled" in the title field."""
    is_noise = title.lower().startswith(("untitled", "microsoft word", "(anonymous)"))
    return None if is_noise or "\\" in title or "/" in title else title


def _width(line: str) -> int:
    return sum(2 if is_wide(character) else 1 for character in line)


def _reflowed(text: str) -> str:
    """Lines that fill the page's width run on into the next; a short line ends its paragraph."""
    lines = [line.strip() for line in text.split("\n")]
    widths = [_width(line) for line in lines]
    full = _FULL_LINE_SHARE * max(widths, default=0)
    pieces = lines[:1]
    for before, after, width in zip(lines, lines[1:], widths, strict=False):
        runs_on = width >= full and after and not _LIST_ITEM.match(after)
        pieces.append((joint(before, after) if runs_on else "\n") + after)
    return "".join(pieces)
