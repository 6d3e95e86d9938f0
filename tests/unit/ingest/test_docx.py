"""Word documents: the archive is looked at first, then `unstructured` reads it in the jail."""

import io
import zipfile
from pathlib import Path

import docx
import pytest

from ingest.errors import InvalidFile
from ingest.parsing.confinement import JailLimits
from ingest.parsing.docx import check_archive
from ingest.parsing.jail import Jail
from tests.support import documents
from tests.support.models import spacy_model_path


def _repacked(changes: dict[str, bytes], tmp_path: Path) -> Path:
    """The English sample with some entries written anew."""
    target = tmp_path / "changed"
    with (
        zipfile.ZipFile(io.BytesIO(documents.english_docx().content)) as original,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for entry in original.infolist():
            if entry.filename not in changes:
                changed.writestr(entry.filename, original.read(entry))
        for name, content in changes.items():
            changed.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("document", "story"),
    [
        (documents.english_docx(), documents.ENGLISH),
        (documents.chinese_docx(), documents.CHINESE),
    ],
)
def test_headings_and_paragraphs_are_read(
    jail: Jail, tmp_path: Path, document: documents.Document, story: documents.Story
) -> None:
    source = tmp_path / "source"
    source.write_bytes(document.content)
    parsed = jail.parse(source, document.name)

    assert parsed.title == story.title
    assert parsed.text == documents.plain_text(story).strip()
    assert [section.title for section in parsed.sections[1:]] == [
        title for title, _ in story.sections
    ]


def test_tables_lists_and_sub_headings_are_read(jail: Jail, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Fees", 2)
    table = document.add_table(2, 2)
    for place, words in enumerate(("Ship", "Fee", "Tug", "30 crowns")):
        table.cell(place // 2, place % 2).text = words
    document.add_paragraph("rope", style="List Bullet")
    document.add_paragraph("tar", style="List Bullet")
    source = tmp_path / "source"
    document.save(str(source))
    parsed = jail.parse(source, "fees.docx")

    assert (parsed.title, parsed.sections[0].level) == ("Fees", 2)
    assert parsed.text == "Fees\n\nShip | Fee\nTug | 30 crowns\n\n- rope\n- tar"


def test_an_external_template_is_not_fetched(jail: Jail, tmp_path: Path) -> None:
    relation = (
        b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'relationships"><Relationship Id="r1" TargetMode="External" Target="file:///etc/passwd" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
        b"</Relationships>"
    )
    source = _repacked({"word/_rels/settings.xml.rels": relation}, tmp_path)
    parsed = jail.parse(source, "letter.docx")

    assert "root:" not in parsed.text


def test_a_document_type_with_entities_is_refused(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
    source = _repacked({"word/document.xml": bomb}, tmp_path)

    with pytest.raises(InvalidFile, match="XML entities"):
        check_archive(source)


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    source = _repacked({"word/media/image1.bin": b"\0" * (40 << 20)}, tmp_path)

    with pytest.raises(InvalidFile, match="unpacks to far more"):
        check_archive(source)


def test_an_archive_of_too_many_entries_is_refused(tmp_path: Path) -> None:
    source = _repacked({f"word/{number}.bin": b"" for number in range(5_001)}, tmp_path)

    with pytest.raises(InvalidFile, match="too many"):
        check_archive(source)


def test_a_document_with_broken_xml_is_refused(jail: Jail, tmp_path: Path) -> None:
    source = _repacked({"word/document.xml": b"<w:document"}, tmp_path)

    with pytest.raises(InvalidFile, match="damaged"):
        jail.parse(source, "letter.docx")


@pytest.fixture
def jail() -> Jail:
    return Jail(JailLimits(), spacy_folder=spacy_model_path())
