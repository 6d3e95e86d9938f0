"""Pictures of assistants: what may be sent, what is made of it, and how far that is."""

import struct
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, StringConstraints, model_validator

MOST_UPLOAD_BYTES = 2_000_000
MOST_UPLOAD_PIXELS = 40_000_000
AVATAR_PIXELS = 256
MOST_AVATAR_BYTES = 200_000
"""A square of so many pixels in eight-bit RGB never takes more, however noisy it is."""

AvatarHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a picture, in hexadecimal letters."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_CHUNK = struct.Struct(">I4s")
_CHECKSUM_BYTES = 4
_HEADER = struct.pack(">IIBBBBB", AVATAR_PIXELS, AVATAR_PIXELS, 8, 2, 0, 0, 0)


class AvatarStatus(StrEnum):
    """Where an assistant's picture stands.

    pattern: it has none, and a pattern drawn from its id stands for it. reading: one was sent and
    is being read. ready: the draft has one. failed: the one sent last could not be taken; what the
    draft had before stays.
    """

    PATTERN = "pattern"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


class AvatarProblem(StrEnum):
    """Why a picture was not taken."""

    NOT_A_PICTURE = "not_a_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    DAMAGED = "damaged"
    TOOK_TOO_LONG = "took_too_long"


class AvatarView(BaseModel):
    """The picture of an assistant's draft. hash: of the one it has now; None: the pattern."""

    object: Literal["assistant.avatar"] = "assistant.avatar"
    assistant_id: str
    status: AvatarStatus
    hash: AvatarHash | None = None
    problem: AvatarProblem | None = None


class AvatarReport(BaseModel):
    """What a worker made of an upload: the picture as a PNG, or why there is none."""

    model_config = ConfigDict(extra="forbid")

    content: Base64Bytes | None = None
    problem: AvatarProblem | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.content is None) == (self.problem is None):
            raise ValueError("a report has a picture or a problem")
        return self


def may_be_read(content: bytes) -> bool:
    """Whether bytes begin as PNG, JPEG or WebP do."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith((_PNG, _JPEG))


def is_avatar(content: bytes) -> bool:
    """Whether bytes are laid out as the pictures we keep: a PNG of the one size in eight-bit RGB,
    of header, pixels and end alone, with nothing behind. No metadata has a place in it."""
    if len(content) > MOST_AVATAR_BYTES or not content.startswith(_PNG):
        return False
    at = len(_PNG)
    kinds: list[bytes] = []
    while at + _CHUNK.size <= len(content):
        length, kind = _CHUNK.unpack_from(content, at)
        at += _CHUNK.size
        if not kinds and content[at : at + length] != _HEADER:
            return False
        kinds.append(kind)
        at += length + _CHECKSUM_BYTES
    pixels = kinds[1:-1]
    framed = at == len(content) and kinds[:1] == [b"IHDR"] and kinds[-1:] == [b"IEND"]
    return framed and bool(pixels) and all(kind == b"IDAT" for kind in pixels)
