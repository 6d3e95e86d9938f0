"""A browser that signs in, follows links by their words and keeps what it sees as small PNGs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page

from tests.support.browser import chromium, visitor

MOST_BYTES = 150_000


@dataclass(frozen=True)
class Shot:
    """A picture. way: an address, then the words of links to follow from there."""

    name: str
    email: str
    way: tuple[str, ...]
    lang: str = "en-GB"
    scheme: Literal["light", "dark"] = "light"
    width: int = 1280
    height: int = 800


class TooLarge(Exception):
    """A picture that would make the repository heavy."""


def take(base_url: str, passwords: Mapping[str, str], shots: Sequence[Shot], to: Path) -> None:
    """All of them, each seen by its own visitor. Raises TooLarge."""
    with chromium() as browser:
        for shot in shots:
            page = visitor(browser, lang=shot.lang, width=shot.width, scheme=shot.scheme)
            page.set_viewport_size({"width": shot.width, "height": shot.height})
            _go(page, base_url, shot, passwords[shot.email])
            _keep(page.screenshot(), to / f"{shot.name}.png")
            page.context.close()


def _go(page: Page, base_url: str, shot: Shot, password: str) -> None:
    page.goto(f"{base_url}/login")
    page.locator("#email").fill(shot.email)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")
    page.wait_for_url(f"{base_url}/")
    page.goto(base_url + shot.way[0])
    for words in shot.way[1:]:
        page.locator("main").get_by_role("link", name=words).first.click()
        page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")


def _keep(taken: bytes, path: Path) -> None:
    with Image.open(BytesIO(taken)) as picture:
        picture.convert("RGB").save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise TooLarge(f"{path.name} has {size:,} bytes; {MOST_BYTES:,} are the most")
    print(f"{path} ({size // 1_000} kB)")
