"""PDF: pages, titles, and the many ways in which one can be broken."""

import io

import pytest
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # ships no types

from ingest.errors import InvalidFile
from tests.support import documents
from tests.unit.ingest.conftest import Read


def _page_of(*lines: str, title: str = "") -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1)
    canvas.setTitle(title)
    for number, line in enumerate(lines):
        canvas.drawString(72, 700 - 14 * number, line)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize(
    ("document", "story"),
    [(documents.english_pdf(), documents.ENGLISH), (documents.chinese_pdf(), documents.CHINESE)],
)
def test_every_word_is_read_and_lies_on_its_page(
    read: Read, document: documents.Document, story: documents.Story
) -> None:
    parsed = read(document.content, document.name)
    starts = [page.start for page in parsed.pages]

    assert parsed.title == story.title
    assert [page.number for page in parsed.pages] == [1, 2, 3, 4, 5]
    for (heading, paragraphs), start, end in zip(
        story.sections, starts, [*starts[1:], len(parsed.text)], strict=True
    ):
        page = parsed.text[start:end]
        assert heading in page
        assert all(words in page for words in paragraphs)


def test_lines_that_fill_the_page_run_on_and_short_ones_do_not(read: Read) -> None:
    parsed = read(
        _page_of(
            "The ferry to Osterholm leaves the eastern mole every",
            "full hour.",
            "1. Bring a ticket.",
        )
    )

    lines = parsed.text.split("\n")
    assert lines == [
        "The ferry to Osterholm leaves the eastern mole every full hour.",
        "1. Bring a ticket.",
    ]


def test_a_title_left_by_a_word_processor_is_not_used(read: Read) -> None:
    parsed = read(_page_of("words", title="Microsoft Word - draft3.doc"), "Tide table.pdf")

    assert parsed.title == "Tide table"


def test_a_protected_pdf_says_so(read: Read) -> None:
    with pytest.raises(InvalidFile, match=r"^The PDF is protected by a password\.$"):
        read(documents.english_pdf(password="seagull").content)


def test_a_pdf_without_text_says_that_it_may_be_a_scan(read: Read) -> None:
    with pytest.raises(InvalidFile, match="no text layer"):
        read(_page_of())


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_a_pdf_cut_in_its_first_half_is_called_damaged(read: Read, share: float) -> None:
    content = documents.english_pdf().content

    with pytest.raises(InvalidFile, match=r"^The PDF is damaged"):
        read(content[: int(len(content) * share)], "cut.pdf")


def test_rubbish_after_a_pdf_mark_is_called_damaged(read: Read) -> None:
    with pytest.raises(InvalidFile, match="damaged"):
        read(b"%PDF-1.7\n" + bytes(range(256)) * 40)
