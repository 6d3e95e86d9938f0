"""PDF pages that are turned, cropped, set with ligatures, very large, or full of colours."""

import io
from collections.abc import Callable, Sequence

from PIL import Image
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # ships no types
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

Shape = Callable[[Canvas], None]


def turned(degrees: int) -> Shape:
    """A page that is shown turned."""
    return lambda canvas: canvas.setPageRotation(degrees)


def cropped(canvas: Canvas) -> None:
    """A page of which a part is shown."""
    canvas.setCropBox((40, 300, 560, 800))


def booklet(lines: Sequence[str], *shapes: Shape) -> bytes:
    """One page with these lines, English or Chinese."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    for shape in shapes:
        shape(canvas)
    for number, line in enumerate(lines):
        canvas.setFont("Helvetica" if line.isascii() else "STSong-Light", 13)
        canvas.drawString(60, 500 - 24 * number, line)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def photograph() -> bytes:
    """A page with a picture of very many colours, and a word."""
    noise = Image.effect_noise((300, 300), 90)
    tinted = Image.merge("RGB", [noise.rotate(turn) for turn in (0, 90, 180)])
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    canvas.drawInlineImage(tinted, 50, 200, 500, 500)
    canvas.drawString(60, 760, "A word")
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def poster() -> bytes:
    """A page of nearly five metres."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(14_000, 9_000), invariant=1)
    canvas.drawString(60, 760, "A word")
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def ligature() -> bytes:
    """A page whose `fi` is one glyph that stands for two letters, as typesetters have it."""
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"1 beginbfchar <01> <00660069> endbfchar endcmap end end"
    )
    shown = b"BT /F 20 Tf 80 600 Td (of\\001ce \\001ne) Tj ET"
    return _by_hand(
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 700]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R"
        b"/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[1/fi]>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(to_unicode), to_unicode),
    )


def _by_hand(*objects: bytes) -> bytes:
    whole = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", *objects]
    numbered = b"".join(
        b"%d 0 obj%s endobj\n" % (number, each) for number, each in enumerate(whole, 1)
    )
    return b"%PDF-1.7\n" + numbered + b"trailer<</Root 1 0 R>>\n%%EOF"
