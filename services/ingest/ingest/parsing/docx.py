"""Word documents through `unstructured`, after the archive itself has been looked at."""

import sys
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ingest.errors import InvalidFile
from ingest.parsing.parsed import Parsed
from ingest.parsing.text_cleaning import title_of
from ingest.parsing.writer import TextWriter

MAX_ENTRIES = 5_000
MAX_UNPACKED_BYTES = 512 << 20
MAX_XML_BYTES = 128 << 20
MAX_RATIO = 200
_RATIO_MATTERS_BYTES = 8 << 20
_DTD = b"<!DOCTYPE"
_PROLOGUE_BYTES = 4096


def parse(source: Path, filename: str) -> Parsed:
    """Read a DOCX. Title: its properties, else the first heading, else the file's name."""
    check_archive(source)
    # spaCy would load torch, if it is there, for nothing: 180 MB and several seconds.
    sys.modules["torch"] = None  # type: ignore[assignment]  # the import system's own "no"
    from unstructured.partition.docx import partition_docx

    elements = partition_docx(filename=str(source), infer_table_structure=True)
    walk = _Walk()
    for element in elements:
        walk.take(element)
    top = next((section.title for section in walk.writer.sections), None)
    return walk.writer.parsed(title_of(_own_title(source), top, filename=filename))


def check_archive(source: Path) -> None:
    """Refuse what would unpack to far more than it is. Reads the directory, unpacks nothing."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            _check_sizes(entries, source.stat().st_size)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _check_prologue(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise InvalidFile("The Word document is damaged: its archive cannot be opened.") from error


def _check_sizes(entries: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    xml = sum(entry.file_size for entry in entries if entry.filename.endswith((".xml", ".rels")))
    is_bomb = unpacked > _RATIO_MATTERS_BYTES and unpacked > MAX_RATIO * packed_bytes
    names = [entry.filename for entry in entries]
    if len(entries) > MAX_ENTRIES or len(names) != len(set(names)):
        raise InvalidFile("The Word document's archive holds too many or doubled entries.")
    if is_bomb or unpacked > MAX_UNPACKED_BYTES or xml > MAX_XML_BYTES:
        raise InvalidFile("The Word document unpacks to far more than its size; it is not read.")


def _check_prologue(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Office never writes a document type; entity bombs and external entities need one."""
    with archive.open(entry) as content:
        start = content.read(_PROLOGUE_BYTES)
    if _DTD in start.replace(b"\0", b"").upper():
        raise InvalidFile("The Word document declares XML entities, which Word never does.")


class _Walk:
    """The elements in order. Headers and footers repeat on every page and are left out."""

    def __init__(self) -> None:
        self.writer = TextWriter()
        self._is_in_list = False

    def take(self, element: Any) -> None:
        if element.category in ("Header", "Footer", "PageBreak"):
            return
        page = element.metadata.page_number
        if page is not None:
            self.writer.page(page)
        if element.category == "ListItem":
            self._item(element)
            return
        self._is_in_list = False
        if element.category == "Title":
            self.writer.heading(element.text, (element.metadata.category_depth or 0) + 1)
        elif element.category == "Table":
            self.writer.block(_rows(element.metadata.text_as_html) or element.text)
        else:
            self.writer.block(element.text)

    def _item(self, element: Any) -> None:
        # Items of one list stand on neighbouring lines.
        indent = "  " * (element.metadata.category_depth or 0)
        self.writer.block(f"{indent}- {element.text}", "\n" if self._is_in_list else "\n\n")
        self._is_in_list = True


def _rows(table: str | None) -> str:
    """A table as its reader goes through it: a line a row, bars between cells."""
    root = etree.fromstring(table, etree.HTMLParser(no_network=True)) if table else None
    if root is None:
        return ""
    rows = []
    for row in root.iter("tr"):
        cells = (" ".join("".join(cell.itertext()).split()) for cell in row if cell.tag != "tr")
        rows.append(" | ".join(cells))
    return "\n".join(rows)


def _own_title(source: Path) -> str | None:
    from docx import Document

    title = Document(str(source)).core_properties.title
    return None if title in ("Word Document", "") else title
