"""Pictures people send for their assistants, and what a worker makes of them."""

import io
import struct
import tempfile
import zlib
from pathlib import Path

from PIL import Image

from contracts.avatars import AvatarReport
from ingest.parsing import avatar


def red(kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    """A red picture."""
    return saved(Image.new("RGB", size, "red"), kind)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file."""
    target = io.BytesIO()
    image.save(target, format=kind, **options)
    return target.getvalue()


def lying_photograph() -> bytes:
    """A JPEG that lies on its side and says so, with where and by whom it was taken: shown upright
    its left half is red."""
    image = Image.new("RGB", (400, 400), "blue")
    image.paste("red", (0, 200, 400, 400))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    exif[0x013B] = "SecretPhotographer"
    exif.get_ifd(0x8825)[1] = "N"
    return saved(image, "JPEG", exif=exif, quality=95)


def bomb(side: int = 60_000) -> bytes:
    """A PNG of few bytes that says it has very many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data) for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )


def read(content: bytes) -> AvatarReport:
    """What the jail's own child makes of a file, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(content)
        return avatar.drawn(source)


def portrait(colour: str = "red") -> bytes:
    """A picture as a worker hands it in."""
    made = read(saved(Image.new("RGB", (64, 64), colour), "PNG")).content
    assert made is not None
    return made
