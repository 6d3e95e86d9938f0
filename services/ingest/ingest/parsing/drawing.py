"""Pages of a PDF as pictures, and where their text stands. Runs in the jailed child only."""

import ctypes
import faulthandler
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # ships no types
from PIL import Image

from contracts.page_pictures import GRID, MOST_PICTURE_BYTES, MOST_SIDE_PIXELS, PictureType, TextRun
from ingest.parsing import pdf
from ingest.parsing.drawn import PageFacts, PictureLimits, write_page
from ingest.parsing.geometry import Box, BoxOf, clipped, origins, runs_of
from ingest.parsing.text_cleaning import tidied

_POINTS_PER_INCH = 72
_LONGEST_SIDE_PIXELS = 2_000
_FEW_COLOURS = 1_024
_PALETTE_COLOURS = 32
_SAMPLED_EVERY = 4
_QUALITIES = (60, 30)


def draw(source: Path, result: IO[bytes], limits: PictureLimits, first: int) -> None:
    """Write a frame for each page from `first` on, until the limits are reached."""
    document = pdf.opened(source)
    pages = len(document)
    # From now on: what the process has used before is not this document's.
    most_seconds = limits.cpu_seconds + limits.cpu_seconds_a_page * (pages - first + 1)
    ends_at = time.process_time() + most_seconds
    written = 0
    for number in range(first, min(pages, limits.pages) + 1):
        if time.process_time() > ends_at or written > limits.bytes_in_all:
            break
        with within(limits.page_seconds):
            facts, content = _page(document, number, limits)
        write_page(result, facts, content)
        written += len(content)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End this process if the block takes longer. Some pages keep PDFium busy for hours, and it
    heeds no signal meanwhile."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _page(document: Any, number: int, limits: PictureLimits) -> tuple[PageFacts, bytes]:
    pages = len(document)
    try:
        page = document[number - 1]
        media_type, content, (width, height) = _picture(page, limits)
        text, runs = _text(page)
        page.close()
    except Exception:  # noqa: BLE001 - PDFium and Pillow raise anything on a damaged page
        return PageFacts(number=number, pages=pages), b""
    if media_type is None:
        return PageFacts(number=number, pages=pages), b""
    facts = PageFacts(
        number=number,
        pages=pages,
        text=text,
        media_type=media_type,
        width=width,
        height=height,
        runs=runs,
    )
    return facts, content


def _picture(page: Any, limits: PictureLimits) -> tuple[PictureType | None, bytes, tuple[int, int]]:
    longest = max(page.get_size())
    scale = min(limits.dots_per_inch / _POINTS_PER_INCH, _LONGEST_SIDE_PIXELS / longest)
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True, may_draw_forms=False)
    image = bitmap.to_pil().convert("RGB")
    if max(image.size) > MOST_SIDE_PIXELS:
        return None, b"", (0, 0)
    media_type, content = _encoded(image)
    return media_type, content, image.size


def _encoded(image: Image.Image) -> tuple[PictureType | None, bytes]:
    """Type and lines as a small palette, which is sharper and smaller; photographs as WebP."""
    sample = image.resize(
        (max(image.width // _SAMPLED_EVERY, 1), max(image.height // _SAMPLED_EVERY, 1)),
        Image.Resampling.NEAREST,
    )
    if sample.getcolors(_FEW_COLOURS) is not None:
        # Colours chosen from the sample: four times as fast as from the whole, and the same ones.
        palette = sample.quantize(_PALETTE_COLOURS, method=Image.Quantize.FASTOCTREE)
        flat = image.quantize(palette=palette, dither=Image.Dither.NONE)
        content = _saved(flat, "PNG", compress_level=4)
        if len(content) <= MOST_PICTURE_BYTES:
            return "image/png", content
    for quality in _QUALITIES:
        content = _saved(image, "WEBP", quality=quality, method=0)
        if len(content) <= MOST_PICTURE_BYTES:
            return "image/webp", content
    return None, b""


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    target = io.BytesIO()
    image.save(target, format=kind, **options)
    return target.getvalue()


def _text(page: Any) -> tuple[str, list[TextRun]]:
    text_page = page.get_textpage()
    raw = text_page.get_text_range()
    text = tidied(pdf.page_text(raw))
    places = origins(raw, pdf.taken_out(raw), text)
    runs = [] if places is None else runs_of(places, _boxes(page, text_page, raw))
    text_page.close()
    return text, runs


def _boxes(page: Any, text_page: Any, raw: str) -> BoxOf:
    """Boxes by the index in `raw`, as the page is shown: turned and cropped as it says."""
    on_grid = _shown(page)
    rectangle = pdfium.FS_RECTF()

    def box_of(place: int) -> Box | None:
        index = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, place)
        # The text is UTF-16 to PDFium. Where its counting is not ours, nothing is marked.
        if index < 0 or pdfium.FPDFText_GetUnicode(text_page, index) != ord(raw[place]):
            return None
        if not pdfium.FPDFText_GetLooseCharBox(text_page, index, rectangle):
            return None
        return on_grid(rectangle.left, rectangle.top, rectangle.right, rectangle.bottom)

    return box_of


def _shown(page: Any) -> Callable[[float, float, float, float], Box | None]:
    """From the page's own units to the grid of the page as it is shown."""
    fine = 1_000 * GRID

    def at(x: float, y: float) -> tuple[int, int]:
        device_x, device_y = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, fine, fine, 0, x, y, device_x, device_y)
        return device_x.value, device_y.value

    # Three points give the whole map, which is much faster than asking for each corner.
    (x_0, y_0), (x_x, y_x), (x_y, y_y) = at(0, 0), at(100, 0), at(0, 100)
    x_by_x, x_by_y, x_from = (x_x - x_0) / 100_000, (x_y - x_0) / 100_000, x_0 / 1_000
    y_by_x, y_by_y, y_from = (y_x - y_0) / 100_000, (y_y - y_0) / 100_000, y_0 / 1_000

    def on_grid(left: float, top: float, right: float, bottom: float) -> Box | None:
        x_1, x_2 = left * x_by_x + top * x_by_y, right * x_by_x + bottom * x_by_y
        y_1, y_2 = left * y_by_x + top * y_by_y, right * y_by_x + bottom * y_by_y
        if x_1 > x_2:
            x_1, x_2 = x_2, x_1
        if y_1 > y_2:
            y_1, y_2 = y_2, y_1
        return clipped(x_1 + x_from, y_1 + y_from, x_2 + x_from, y_2 + y_from)

    return on_grid
