"""Content decides what a file is; its name only chooses between kinds of text."""

import io
import zipfile

import pytest

from ingest.errors import InvalidFile, UnsupportedFile
from tests.support import documents
from tests.unit.ingest.conftest import Read


def _archive_with(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "x")
    return target.getvalue()


def test_a_picture_named_pdf_is_called_a_picture(read: Read) -> None:
    with pytest.raises(UnsupportedFile, match=r"^This is a PNG picture named \.pdf;"):
        read(documents.picture(), "scan.pdf")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"GIF89a", "a GIF picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a WebP picture"),
        (b"\0\0\0\x18ftypmp42", "a video"),
        (b"\x7fELF\x02", "a program"),
        (b"MZ\x90\0", "a program"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"{\\rtf1 ", "an RTF document"),
        (b"<?xml version='1.0'?>\n<svg onload='x'>", "an SVG picture"),
    ],
)
def test_other_kinds_are_refused_by_name(read: Read, head: bytes, kind: str) -> None:
    with pytest.raises(UnsupportedFile, match=f"^This is {kind}"):
        read(head + b" and more", "notes.txt")


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("xl/workbook.xml", "an Excel workbook"),
        ("ppt/presentation.xml", "a PowerPoint presentation"),
        ("META-INF/container.xml", "an e-book"),
        ("photo.jpg", "a ZIP archive"),
    ],
)
def test_archives_are_told_apart(read: Read, entry: str, kind: str) -> None:
    with pytest.raises(UnsupportedFile, match=kind):
        read(_archive_with(entry), "letter.docx")


def test_a_broken_archive_is_called_damaged(read: Read) -> None:
    with pytest.raises(InvalidFile, match="damaged archive"):
        read(b"PK\x03\x04 and nothing of it is true", "letter.docx")


def test_an_encrypted_word_document_is_called_protected(read: Read) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")

    with pytest.raises(InvalidFile, match="protected by a password"):
        read(content, "letter.docx")


def test_an_old_word_document_is_asked_for_anew(read: Read) -> None:
    with pytest.raises(UnsupportedFile, match=r"save it as \.docx"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "letter.doc")


@pytest.mark.parametrize("name", ["words.pdf", "words.docx"])
def test_text_that_is_named_otherwise_is_refused(read: Read, name: str) -> None:
    with pytest.raises(InvalidFile, match="but its content is not"):
        read("Only words.", name)


def test_a_page_without_an_ending_in_its_name_is_read_as_html(read: Read) -> None:
    assert read("<!DOCTYPE html><p>Low tide</p>", "page").text == "Low tide"


@pytest.mark.parametrize("name", ["notes", "table.csv", "tool.py", "MZ.txt", "README"])
def test_any_other_text_is_plain_text(read: Read, name: str) -> None:
    assert read("MZ is where a program begins", name).text == "MZ is where a program begins"
