"""Pictures of a document's pages, with where on them each character of its text stands."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

GRID = 10_000
"""Places on a page are counted in this many steps, from its left and from its top."""

MOST_RUNS = 20_000
MOST_CHARACTERS = 40_000
MOST_PICTURE_BYTES = 1 << 20
MOST_SIDE_PIXELS = 4_000

Step = Annotated[int, Field(ge=0, le=GRID)]
PictureType = Literal["image/png", "image/webp"]

_BEGINS: Mapping[PictureType, tuple[bytes, bytes]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n", b""),
    "image/webp": (b"RIFF", b"WEBP"),
}


class TextRun(BaseModel):
    """Characters side by side on a page, from left to right as it is shown.

    start: of the first, in code points of the version's text. edges: character `start + i` stands
    between `edges[i]` and `edges[i + 1]`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int = Field(ge=0)
    top: Step
    bottom: Step
    edges: list[Step] = Field(min_length=2, max_length=MOST_CHARACTERS + 1)

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.bottom < self.top or any(one > next_ for one, next_ in pairwise(self.edges)):
            raise ValueError("a run goes from left to right and from top to bottom")
        return self

    @property
    def end(self) -> int:
        """After its last character."""
        return self.start + len(self.edges) - 1


class PagePicture(BaseModel):
    """A page as a picture. runs: where its text stands; what stands in none cannot be marked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(ge=1, le=1_000_000)
    media_type: PictureType
    width: int = Field(ge=1, le=MOST_SIDE_PIXELS)
    height: int = Field(ge=1, le=MOST_SIDE_PIXELS)
    runs: list[TextRun] = Field(default_factory=list, max_length=MOST_RUNS)


class PictureUpload(PagePicture):
    """A page's picture with its bytes, as a worker hands it in."""

    content: Base64Bytes


class PicturesUpload(BaseModel):
    """Some pages of a version. A page that was sent before is replaced."""

    model_config = ConfigDict(extra="forbid")

    fence: int
    pictures: list[PictureUpload] = Field(min_length=1, max_length=64)


class MarkedArea(BaseModel):
    """A rectangle on a page, in steps of `GRID` from its left and its top."""

    model_config = ConfigDict(frozen=True)

    left: Step
    top: Step
    width: Step
    height: Step


class PageView(BaseModel):
    """A page that can be shown as a picture. marks: where the quote stands on it."""

    number: int
    width: int
    height: int
    marks: list[MarkedArea] = Field(default_factory=list)


def is_picture(media_type: PictureType, content: bytes) -> bool:
    """Whether the bytes begin as pictures of this type do."""
    begins, then = _BEGINS[media_type]
    return content.startswith(begins) and content[8 : 8 + len(then)] == then
