"""Which parser a file gets: its content decides, its name only between kinds of text."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ingest.errors import InvalidFile, UnsupportedFile
from ingest.parsing.parsed import Parsed

_HEAD_BYTES = 1 << 12
_PDF_MARK = b"%PDF-"
_PDF_MARK_WITHIN = 1024  # readers accept rubbish before it
_ZIP_MARK = b"PK\x03\x04"
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")

_KNOWN_BINARIES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\0\0\0\x0cjP", "a JPEG 2000 picture"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound or video file"),
    (b"fLaC", "a sound file"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3\0", "a database"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"),
)
_RIFF = {b"WEBP": "a WebP picture", b"WAVE": "a sound file", b"AVI ": "a video"}
_IN_ARCHIVE = (
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("META-INF/container.xml", "an e-book"),
    ("mimetype", "an OpenDocument file"),
)
_PROLOGUE = rb"\s{0,100}(?:<\?xml[^>]{0,200}>\s{0,100})?"
_LOOKS_LIKE_HTML = re.compile(_PROLOGUE + rb"<(?:!doctype html|html)", re.IGNORECASE)
_LOOKS_LIKE_SVG = re.compile(_PROLOGUE + rb"<svg", re.IGNORECASE)
_SHORT_MARKS = (b"BM", b"MZ")  # two letters begin many honest texts: these need a NUL byte too

Parse = Callable[[Path, str], Parsed]


def parse(source: Path, filename: str) -> Parsed:
    """The file as text. Raises InvalidFile or UnsupportedFile with the reason."""
    return parser_of(source, filename)(source, filename)


def parser_of(source: Path, filename: str) -> Parse:
    """The one parser for this content."""
    with source.open("rb") as content:
        head = content.read(_HEAD_BYTES)
    if not head:
        raise InvalidFile("The file is empty.")
    if _is_pdf(head):
        return _pdf
    if head.startswith(_ZIP_MARK):
        return _archive(source)
    if head.startswith(_OLE_MARK):
        raise _old_office(source)
    suffix = PurePosixPath(filename).suffix.lower()
    found = _binary_kind(head)
    if found is not None:
        named = f" named {suffix}" if suffix.isascii() and suffix[1:].isalnum() else ""
        raise UnsupportedFile(f"This is {found}{named}; Stoa reads text, HTML, PDF and Word files.")
    if suffix == ".pdf":
        raise InvalidFile("The file is named .pdf but its content is not a PDF.")
    if suffix == ".docx":
        raise InvalidFile("The file is named .docx but its content is not a Word document.")
    return _text_parser(head, suffix)


def has_pages_to_draw(source: Path) -> bool:
    """Whether this is a PDF, whose pages look like something."""
    with source.open("rb") as content:
        return _is_pdf(content.read(_HEAD_BYTES))


def _is_pdf(head: bytes) -> bool:
    return _PDF_MARK in head[:_PDF_MARK_WITHIN]


def _binary_kind(head: bytes) -> str | None:
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "a video or HEIC picture"
    if _LOOKS_LIKE_SVG.match(head):
        return "an SVG picture"
    for mark, kind in _KNOWN_BINARIES:
        if head.startswith(mark) and (mark not in _SHORT_MARKS or b"\0" in head):
            return kind
    return None


def _archive(source: Path) -> Parse:
    try:
        with zipfile.ZipFile(source) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise InvalidFile("The file is a damaged archive: it cannot be opened.") from error
    if "word/document.xml" in names:
        return _docx
    for mark, kind in _IN_ARCHIVE:
        if any(name.startswith(mark) for name in names):
            raise UnsupportedFile(f"This is {kind}, which Stoa does not read yet.")
    raise UnsupportedFile("This is a ZIP archive; upload the files in it one by one.")


def _old_office(source: Path) -> InvalidFile | UnsupportedFile:
    with source.open("rb") as content:
        if _ENCRYPTED_OFFICE in content.read(1 << 20):
            return InvalidFile("The document is protected by a password.")
    return UnsupportedFile("This is an old Office file (.doc, .xls, .ppt); save it as .docx first.")


def _text_parser(head: bytes, suffix: str) -> Parse:
    if suffix in (".html", ".htm", ".xhtml") or _LOOKS_LIKE_HTML.match(head):
        return _html
    if suffix in (".md", ".markdown", ".mdown", ".mkd"):
        return _markdown
    return _plain


# Each parser's library is loaded only in the child that needs it.
def _pdf(source: Path, filename: str) -> Parsed:
    from ingest.parsing import pdf

    return pdf.parse(source, filename)


def _docx(source: Path, filename: str) -> Parsed:
    from ingest.parsing import docx

    return docx.parse(source, filename)


def _html(source: Path, filename: str) -> Parsed:
    from ingest.parsing import html

    return html.parse(source, filename)


def _markdown(source: Path, filename: str) -> Parsed:
    from ingest.parsing import markdown

    return markdown.parse(source, filename)


def _plain(source: Path, filename: str) -> Parsed:
    from ingest.parsing import plain

    return plain.parse(source, filename)
