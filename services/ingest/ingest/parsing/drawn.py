"""Drawn pages on their way out of the jail: written one by one, so that a crash costs one page."""

import struct
from collections.abc import Iterator
from typing import IO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.page_pictures import (
    MOST_PICTURE_BYTES,
    MOST_SIDE_PIXELS,
    PictureType,
    TextRun,
)

_LENGTHS = struct.Struct(">II")
_MOST_FACTS_BYTES = 16 << 20


class PictureLimits(BaseModel):
    """What pictures of one document may cost. What lies beyond has none; the text is whole.

    cpu_seconds: how much of the processor a document may use beside `cpu_seconds_a_page`.
    page_seconds: how long one page may take before it is given up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_on: bool = True
    dots_per_inch: int = Field(default=100, ge=36, le=300)
    pages: int = Field(default=1_000, ge=1, le=10_000)
    bytes_in_all: int = Field(default=64 << 20, gt=0)
    cpu_seconds: float = Field(default=5, ge=0)
    cpu_seconds_a_page: float = Field(default=0.1, gt=0)
    page_seconds: float = Field(default=10, gt=0)


class PageFacts(BaseModel):
    """A page and its text, as they were when it was drawn. media_type: None where there is no
    picture of it. runs: their offsets count from the page's own text."""

    number: int = Field(ge=1)
    pages: int = Field(ge=1)
    text: str = ""
    media_type: PictureType | None = None
    width: int = Field(default=0, ge=0, le=MOST_SIDE_PIXELS)
    height: int = Field(default=0, ge=0, le=MOST_SIDE_PIXELS)
    runs: list[TextRun] = Field(default_factory=list)


class DrawnPage(BaseModel):
    """What is known of a page, and its picture."""

    facts: PageFacts
    content: bytes


def write_page(target: IO[bytes], facts: PageFacts, content: bytes = b"") -> None:
    """Append a page, whole before the next is begun."""
    said = facts.model_dump_json().encode()
    target.write(_LENGTHS.pack(len(said), len(content)) + said + content)
    target.flush()


def read_pages(source: IO[bytes]) -> Iterator[DrawnPage]:
    """The whole pages of a file, which may end anywhere and hold anything."""
    while len(head := source.read(_LENGTHS.size)) == _LENGTHS.size:
        said_bytes, content_bytes = _LENGTHS.unpack(head)
        if said_bytes > _MOST_FACTS_BYTES or content_bytes > MOST_PICTURE_BYTES:
            return
        said, content = source.read(said_bytes), source.read(content_bytes)
        if len(said) < said_bytes or len(content) < content_bytes:
            return
        try:
            facts = PageFacts.model_validate_json(said)
        except ValidationError:
            return
        yield DrawnPage(facts=facts, content=content)
