"""Pictures of pages: where on them a text stands, and how large they get."""

import io
import time
from functools import cache

import pypdfium2  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from contracts.page_pictures import (
    GRID,
    MOST_PICTURE_BYTES,
    MarkedArea,
    PictureUpload,
    is_picture,
)
from gateway.knowledge.rules import marks_between
from ingest.parsing import pdf
from ingest.parsing.drawn import PictureLimits
from ingest.parsing.geometry import origins
from ingest.parsing.parsed import Parsed
from ingest.parsing.text_cleaning import tidied
from tests.support import documents
from tests.support.odd_pdfs import booklet, cropped, ligature, photograph, poster, turned
from tests.support.page_pictures import drawn, pictures_of

FINE = 1_000_000
LINES = (
    "The ferry to Osterholm leaves the eastern mole every full",
    "hour; the offices find a fine affair in efficient traffic.",
    "港务处自四月一日至十月底，每天早上七点开门，晚上九点关门。",
    "Wind from the west (force 6), gusts of 9.",
)
SAMPLES = {
    "plain": booklet(LINES),
    "turned": booklet(LINES, turned(90)),
    "upside down": booklet(LINES, turned(180)),
    "cropped": booklet(LINES, cropped),
    "turned and cropped": booklet(LINES, turned(270), cropped),
    "english": documents.english_pdf().content,
    "chinese": documents.chinese_pdf().content,
}


class Seen:
    """Where PDFium itself says that the ink of each character stands on a page as it is shown."""

    def __init__(self, content: bytes, number: int) -> None:
        document = pypdfium2.PdfDocument(content)
        page = document[number - 1]
        text = page.get_textpage()
        place = pypdfium2.PdfPosConv(page, (0, 0, FINE, FINE, 0))
        self._middles: list[tuple[str, float, float]] = []
        for index, character in enumerate(text.get_text_range()):
            if character.strip():
                left, bottom, right, top = text.get_charbox(index)
                x, y = place.to_bitmap((left + right) / 2, (bottom + top) / 2)
                self._middles.append((character, x * GRID / FINE, y * GRID / FINE))
        for opened in (text, page, document):
            opened.close()

    def inside(self, marks: list[MarkedArea]) -> str:
        """The characters whose middle lies in a mark, in the order of the text."""
        return "".join(
            character
            for character, x, y in self._middles
            if any(
                mark.left <= x <= mark.left + mark.width and mark.top <= y <= mark.top + mark.height
                for mark in marks
            )
        )


@cache
def sample(name: str) -> tuple[Parsed, list[PictureUpload], list[Seen]]:
    content = SAMPLES[name]
    parsed, pages = drawn(content)
    return (
        parsed,
        pictures_of(parsed, pages),
        [Seen(content, page.facts.number) for page in pages],
    )


@pytest.mark.parametrize("name", SAMPLES)
@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_whatever_is_quoted_its_marks_lie_on_its_characters(name: str, data: st.DataObject) -> None:
    parsed, pictures, seen = sample(name)
    start = data.draw(st.integers(0, len(parsed.text) - 1), label="start")
    end = data.draw(st.integers(start + 1, min(start + 60, len(parsed.text))), label="end")
    found = "".join(
        page.inside(marks_between(picture.runs, start, end))
        for picture, page in zip(pictures, seen, strict=True)
    )

    assert found == "".join(parsed.text[start:end].split())


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_that_is_read_lies_beside_its_marks(name: str) -> None:
    parsed, pictures, _ = sample(name)
    for picture in pictures:
        image = Image.open(io.BytesIO(picture.content)).convert("L")
        darkest = min(image.tobytes())
        for mark in marks_between(picture.runs, 0, len(parsed.text)):
            image.paste(255, _pixels(mark, image))

        assert darkest < 100, "there is ink on the page"
        assert min(image.tobytes()) > 200, "and all of it is marked"


def _pixels(mark: MarkedArea, image: Image.Image) -> tuple[int, int, int, int]:
    """A mark on the picture, and a pixel around it: letters lean out of their boxes."""
    return (
        mark.left * image.width // GRID - 1,
        mark.top * image.height // GRID - 1,
        (mark.left + mark.width) * image.width // GRID + 2,
        (mark.top + mark.height) * image.height // GRID + 2,
    )


def test_a_word_that_was_divided_is_marked_on_both_lines() -> None:
    lines = ("Every boat that stays for the winter pays in an estab-", "lishment of the town.")
    parsed, pages = drawn(booklet(lines))
    start = parsed.text.index("establishment")
    marks = marks_between(pages[0].facts.runs, start, start + len("establishment"))

    assert len(marks) == 2
    assert marks[0].top < marks[1].top
    assert marks[0].left > marks[1].left


def test_a_glyph_of_two_letters_is_marked_for_both() -> None:
    parsed, pages = drawn(ligature())
    runs, word = pages[0].facts.runs, parsed.text.index("fine")
    glyph, rest = marks_between(runs, word, word + 2), marks_between(runs, word + 2, word + 4)

    assert parsed.text == "office fine"
    assert len(glyph) == len(rest) == 1
    assert glyph[0].left + glyph[0].width == rest[0].left


def test_what_was_drawn_is_the_text_that_was_read() -> None:
    for content in SAMPLES.values():
        parsed, pages = drawn(content)
        starts = {page.number: page.start for page in parsed.pages}

        assert [page.facts.number for page in pages] == list(starts)
        for page in pages:
            assert parsed.text.startswith(page.facts.text, starts[page.facts.number])


@example("exam-\ufffe\r\nple")
@example("exam\x02\nple-\x02-")
@example("\ufeffa \u2028 b\ud83d\uffff")
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_each_character_is_traced_to_where_it_was_read(raw: str) -> None:
    text = tidied(pdf.page_text(raw))
    places = origins(raw, pdf.taken_out(raw), text)

    assert places is not None
    traced = [place for place in places if place is not None]
    assert [raw[place] for place in traced] == list("".join(text.split()))
    assert traced == sorted(set(traced))


@pytest.mark.parametrize("text", ["abd", "ab", "abcd"])
def test_a_text_that_is_not_the_pages_is_not_traced(text: str) -> None:
    assert origins("abc", [], text) is None


def test_pictures_are_small_and_what_they_say_they_are() -> None:
    _, photographs = drawn(photograph(), PictureLimits(page_seconds=600, cpu_seconds=600))
    _, texts = drawn(documents.english_pdf().content)

    assert {page.facts.media_type for page in photographs} == {"image/webp"}
    assert {page.facts.media_type for page in texts} == {"image/png"}
    for page in photographs + texts:
        assert page.facts.media_type is not None
        assert is_picture(page.facts.media_type, page.content)
        assert 0 < len(page.content) <= MOST_PICTURE_BYTES
        assert Image.open(io.BytesIO(page.content)).size == (page.facts.width, page.facts.height)


def test_a_poster_is_drawn_no_larger_than_a_screen_shows() -> None:
    _, pages = drawn(poster())

    assert 1_500 < max(pages[0].facts.width, pages[0].facts.height) <= 2_001


def test_what_the_process_used_before_is_not_the_documents() -> None:
    used_seconds = time.process_time()
    limits = PictureLimits(cpu_seconds=used_seconds / 2, cpu_seconds_a_page=1e-6, page_seconds=600)
    _, pages = drawn(documents.english_pdf().content, limits)

    assert pages[0].content


@pytest.mark.parametrize(
    "limits",
    [
        PictureLimits(pages=2, page_seconds=600, cpu_seconds=600),
        PictureLimits(bytes_in_all=5_000, page_seconds=600, cpu_seconds=600),
    ],
)
def test_pages_beyond_a_limit_have_no_picture(limits: PictureLimits) -> None:
    parsed, pages = drawn(documents.english_pdf().content, limits)

    assert len(parsed.pages) == 5
    assert 0 < len(pages) < 5


def test_when_the_processor_was_used_enough_the_drawing_ends() -> None:
    limits = PictureLimits(cpu_seconds=0, cpu_seconds_a_page=1e-9)

    assert drawn(documents.english_pdf().content, limits)[1] == []
