"""Every page, for all who may open it, in light and dark: no violation of WCAG 2.2 A or AA."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

import web
from contracts.accounts import Power
from tests.support.axe import complaints
from tests.support.browser import visitor
from tests.support.hostile_pages import EMAIL, HostileStoa, furnish, hostile_stoa
from tests.support.web_people import PASSWORD

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MAIN = re.compile(r"(?s)<main.*</main>")
STICKING_OUT = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .slice(-3).map((one) => one.outerHTML.slice(0, 160))"""
STYLES = Path(web.__file__).parent / "static" / "css"
CHANGING = re.compile(r'value="[^"]*"')
ELSEWHERE = (
    "/nothing-here", "/chat/conv_none", "/login?next=/studio", "/admin?period=30d",
    "/admin/cost?by=member", "/chat/new", "/store?query=gui", "/store?query=zebra",
)  # fmt: skip


@pytest.fixture(scope="module")
def stoa(browser: Browser) -> Iterator[HostileStoa]:
    with hostile_stoa() as found:
        page = visitor(browser)
        furnish(found, page)
        page.context.close()
        found.standin.add_member("bob@example.org", PASSWORD, "Bob")
        found.standin.add_member("cleo@example.org", PASSWORD, "Cleo", Power.ADMIN)
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = visitor(browser)
    # Colours that are on their way from light to dark have any contrast.
    opened.emulate_media(reduced_motion="reduce")
    yield opened
    opened.context.close()


def sideways(page: Page) -> list[str]:
    """What sticks out of a window of 320 px, where nobody should have to scroll sideways."""
    page.set_viewport_size({"width": 320, "height": 900})
    found: list[str] = page.evaluate(STICKING_OUT)
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def test_the_rules_are_applied(page: Page) -> None:
    page.set_content("<html><body><img src=x><p style='color:#eee'>pale</p></body></html>")

    found = " ".join(complaints(page))
    assert all(name in found for name in ("image-alt", "html-has-lang", "color-contrast"))


def test_no_page_shuts_anybody_out(page: Page, stoa: HostileStoa) -> None:
    seen: set[str] = set()
    found: dict[tuple[str, str, str], list[str]] = {}
    for who in (None, EMAIL, "cleo@example.org", "bob@example.org"):
        page.context.clear_cookies()
        if who is not None:
            stoa.sign_in(page, who)
        for path in [*stoa.addresses(), *ELSEWHERE]:
            sent = page.request.get(stoa.base_url + path, headers={"accept": "text/html"}).text()
            looks = CHANGING.sub("", MAIN.findall(sent)[0])
            if looks in seen:
                continue  # most pages look the same to several people
            seen.add(looks)
            page.goto(stoa.base_url + path)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                # The second scheme changes colours and nothing else, as is tested below.
                colours_alone = scheme != SCHEMES[0]
                found[who or "nobody", path, scheme] = complaints(page, colours_alone=colours_alone)
            found[who or "nobody", path, "narrow"] = sideways(page)

    assert len(seen) >= 50
    assert {where: words for where, words in found.items() if words} == {}


def test_links_keep_their_names_on_narrow_pages(page: Page, stoa: HostileStoa) -> None:
    """Where labels beside pictures make room."""
    stoa.sign_in(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(stoa.base_url + stoa.address("/studio/{assistant_id}"))

    assert complaints(page) == []


def test_a_scheme_changes_colours_alone() -> None:
    sheets = {path.name: path.read_text("utf-8") for path in STYLES.glob("*.css")}
    (name,) = [name for name, text in sheets.items() if "prefers-color-scheme" in text]
    dark = re.findall(r"(?s)prefers-color-scheme: dark\) \{(.*?)\n\}", sheets[name])
    changed = re.findall(r"(?m)^ +([a-z-]+):", "".join(dark))

    assert name == "tokens.css"
    assert len(changed) > 5
    assert {each for each in changed if not each.startswith("--")} == set()
