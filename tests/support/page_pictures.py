"""Real pages drawn for tests: the jail's own artist, called in this process.

parsed, pages = drawn(documents.english_pdf().content)
upload = pictures_of(parsed, pages)      # as the worker hands them in
"""

import tempfile
from base64 import b64encode
from pathlib import Path

from contracts.page_pictures import PictureUpload
from ingest.parsing import drawing, pdf
from ingest.parsing.drawn import DrawnPage, PictureLimits, read_pages
from ingest.parsing.parsed import Parsed

LIMITS = PictureLimits(dots_per_inch=72, cpu_seconds=600, page_seconds=600)


def drawn(content: bytes, limits: PictureLimits = LIMITS) -> tuple[Parsed, list[DrawnPage]]:
    """A PDF as it is read, and its pages as they are drawn."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(content)
        parsed = pdf.parse(source, "pages.pdf")
        with (Path(folder) / "pages").open("w+b") as result:
            drawing.draw(source, result, limits, 1)
            result.seek(0)
            return parsed, list(read_pages(result))


def pictures_of(parsed: Parsed, pages: list[DrawnPage]) -> list[PictureUpload]:
    """The pages for the gateway; their runs count from the beginning of the text."""
    starts = {page.number: page.start for page in parsed.pages}
    return [
        PictureUpload.model_validate(
            page.facts.model_dump(include={"number", "media_type", "width", "height"})
            | {
                "content": b64encode(page.content),
                "runs": [
                    run.model_copy(update={"start": run.start + starts[page.facts.number]})
                    for run in page.facts.runs
                ],
            }
        )
        for page in pages
    ]
