"""A picture of an assistant made of what somebody sent. Runs in the jailed child only.

Nothing of the file goes on but its pixels: they are laid on white in a picture of their own.
"""

import io
from base64 import b64encode
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from contracts.avatars import AVATAR_PIXELS, MOST_UPLOAD_PIXELS, AvatarProblem, AvatarReport

_FORMATS = ("PNG", "JPEG", "WEBP")


def drawn(source: Path) -> AvatarReport:
    """The first frame of a picture, upright and cropped to a square, or why there is none."""
    try:
        with Image.open(source, formats=_FORMATS) as image:
            if image.width * image.height > MOST_UPLOAD_PIXELS:
                return AvatarReport(problem=AvatarProblem.TOO_MANY_PIXELS)
            return AvatarReport(content=b64encode(_square(image)))
    except UnidentifiedImageError:
        return AvatarReport(problem=AvatarProblem.NOT_A_PICTURE)
    except Image.DecompressionBombError:
        return AvatarReport(problem=AvatarProblem.TOO_MANY_PIXELS)
    except Exception:  # noqa: BLE001 - Pillow raises anything on a damaged file
        return AvatarReport(problem=AvatarProblem.DAMAGED)


def _square(image: Image.Image) -> bytes:
    size = (AVATAR_PIXELS, AVATAR_PIXELS)
    # A JPEG is decoded no larger than it will be needed; others take no notice.
    image.draft("RGB", (2 * AVATAR_PIXELS, 2 * AVATAR_PIXELS))
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    fitted = ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
    plain = Image.new("RGB", size, "white")
    plain.paste(fitted, mask=fitted.getchannel("A"))
    target = io.BytesIO()
    plain.save(target, format="PNG", optimize=True)
    return target.getvalue()
