"""Artists that misbehave at the page that the source names: the jail runs them instead of ours."""

import ctypes
import os
import time
from base64 import b64encode
from pathlib import Path
from typing import IO

from contracts.avatars import AvatarReport
from ingest.parsing.drawing import within
from ingest.parsing.drawn import PageFacts, PictureLimits, write_page

PAGES = 6


def draw(source: Path, result: IO[bytes], limits: PictureLimits, first: int) -> None:
    """Draw a page of one letter each; where the source says so, something else happens."""
    behaviour, *numbers = source.read_text().split()
    for number in range(first, PAGES + 1):
        if str(number) in numbers:
            _misbehave(behaviour, result, limits)
        facts = PageFacts(
            number=number, pages=PAGES, text="a", media_type="image/png", width=1, height=1
        )
        write_page(result, facts, b"\x89PNG\r\n\x1a\n")


def drawn(source: Path) -> AvatarReport:
    """A picture of an assistant that is none, or no answer at all."""
    if source.read_text() == "crash":
        ctypes.string_at(0)
    return AvatarReport(content=b64encode(b"\x89PNG\r\n\x1a\n<script>"))


def _misbehave(behaviour: str, result: IO[bytes], limits: PictureLimits) -> None:
    if behaviour == "segfault":
        ctypes.string_at(0)
    elif behaviour == "hang":
        with within(limits.page_seconds):
            time.sleep(3600)
    elif behaviour == "half":
        result.write(b"\0\0\0\x10\0\0\0\x10{")
        result.flush()
        os._exit(1)
