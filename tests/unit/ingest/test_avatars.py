"""Pictures of assistants: made of nothing but the pixels of what was sent."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from contracts.avatars import MOST_AVATAR_BYTES, AvatarProblem, is_avatar
from ingest.parsing.confinement import JailLimits
from ingest.parsing.jail import Jail
from tests.support import portraits

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def made_of(content: bytes) -> bytes:
    report = portraits.read(content)
    assert report.content is not None, report
    return report.content


def shown(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_each_kind_becomes_a_small_square_without_anything_beside_its_pixels(kind: str) -> None:
    made = made_of(portraits.red(kind))

    assert is_avatar(made)
    assert shown(made).size == (256, 256)
    assert shown(made).info == {}


def test_a_photograph_stands_upright_and_tells_nothing_of_its_place() -> None:
    sent = portraits.lying_photograph()
    made = made_of(sent)
    left, right = (shown(made).getpixel((x, 128)) for x in (60, 200))

    assert b"SecretPhotographer" in sent
    assert b"SecretPhotographer" not in made
    assert not shown(made).getexif()
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]


def test_what_is_clear_stands_on_white_and_of_a_moving_picture_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGBA", (80, 80), (0, 0, 0, 0)), Image.new("RGBA", (80, 80), "blue")]
    moving = portraits.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])

    assert shown(made_of(moving)).getpixel((10, 10)) == (255, 255, 255)


def test_the_noisiest_picture_stays_below_its_bound() -> None:
    noise = random.Random(7).randbytes(256 * 256 * 3)  # noqa: S311 - guards nothing
    made = made_of(portraits.saved(Image.frombytes("RGB", (256, 256), noise), "PNG"))

    assert 190_000 < len(made) <= MOST_AVATAR_BYTES


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"Only a text, whatever it is called.", AvatarProblem.NOT_A_PICTURE),
        (SVG, AvatarProblem.NOT_A_PICTURE),
        (portraits.saved(Image.new("RGB", (9, 9)), "GIF"), AvatarProblem.NOT_A_PICTURE),
        (portraits.bomb(), AvatarProblem.TOO_MANY_PIXELS),
        (portraits.bomb(7_000), AvatarProblem.TOO_MANY_PIXELS),
        (portraits.red("JPEG")[:200], AvatarProblem.DAMAGED),
        (portraits.bomb(2_000), AvatarProblem.DAMAGED),
    ],
    ids=["text", "svg", "gif", "bomb", "wide", "cut", "too little in it"],
)
def test_what_cannot_be_a_picture_is_told_apart(content: bytes, problem: AvatarProblem) -> None:
    assert portraits.read(content).problem is problem


def test_in_the_jail_the_same_picture_comes_out(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(portraits.red())

    assert Jail(JailLimits()).avatar(source) == portraits.read(portraits.red())


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [("crash", AvatarProblem.DAMAGED), ("lie", AvatarProblem.DAMAGED)],
)
def test_a_child_that_crashes_or_lies_hands_in_no_picture(
    tmp_path: Path, behaviour: str, problem: AvatarProblem
) -> None:
    source = tmp_path / "source"
    source.write_text(behaviour)
    jail = Jail(JailLimits(), portraitist="tests.unit.ingest.hostile_artists")

    assert jail.avatar(source).problem is problem


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made + b"<script>",
        lambda made: made[:-1],
        lambda made: b"GIF89a" + made,
        lambda made: made[:-12] + b"\0\0\0\2tEXthi\0\0\0\0" + made[-12:],
        lambda made: made[:-12],
        lambda made: made[:33] + made[-12:],
        lambda _: portraits.red(size=(256, 255)),
        lambda _: b"",
    ],
    ids=["behind", "cut", "before", "words", "no end", "no pixels", "size", "nothing"],
)
def test_what_is_laid_out_otherwise_is_no_picture_we_keep(change: Callable[[bytes], bytes]) -> None:
    assert not is_avatar(change(portraits.portrait()))
