"""From signing in to a cited answer and a published assistant with the keys alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.web_pages import WebOnStandin

MOST_STOPS = 80
RING = """() => {
    const here = document.activeElement;
    const shown = getComputedStyle(here.matches("[data-composer]") ? here.parentElement : here);
    const box = here.getClientRects()[0] ?? here.getBoundingClientRect();
    const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const faults = [];
    if (shown.outlineStyle === "none" || parseFloat(shown.outlineWidth) < 2) faults.push("no ring");
    if (!box.width || !box.height) faults.push("no size");
    if (box.bottom < 0 || box.top > innerHeight) faults.push("out of sight");
    else if (!middle || !(here.contains(middle) || middle.closest("label")?.contains(here)
        || middle.closest("label")?.control === here)) faults.push("covered");
    return faults.map((fault) => `${fault}: ${here.outerHTML.slice(0, 160)}`);
}"""


class Keys:
    """Hands that have no mouse, and eyes that look for the ring at every stop."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []

    def tab_to(self, selector: str) -> None:
        """Tab on until the focus is there."""
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement !== document.body"):
                self.faults += self.page.evaluate(RING)
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
        pytest.fail(f"{selector} cannot be reached on {self.page.url}")

    def press(self, selector: str, key: str = "Enter") -> None:
        self.tab_to(selector)
        self.page.keyboard.press(key)

    def fill(self, selector: str, words: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)


def test_the_whole_road_by_keyboard(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.sign_out(page, stoa)
    keys = Keys(page)
    page.goto(f"{stoa.base_url}/login")
    keys.fill("#email", journeys.EMAIL)
    keys.fill("#password", journeys.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stoa.base_url}/")
    keys.press("a[href='/studio/new']")
    page.wait_for_url("**/studio/new")
    keys.fill("#name", "The covered walk")
    keys.press("form[action='/studio'] button[type=submit], form[action='/studio'] .button.main")
    page.wait_for_selector("#sharing")
    keys.press("#sharing form button")
    expect(page.locator("#sharing .tag.good")).to_be_visible()
    # The button that was pressed is gone; the keyboard goes on from what came in its place.
    expect(page.locator("#sharing")).to_be_focused()
    keys.press("#sharing a.button")
    expect(page.locator("[data-composer]")).to_be_visible()
    page.wait_for_load_state()
    if not page.evaluate("document.activeElement.matches('[data-composer]')"):
        keys.tab_to("[data-composer]")
    page.keyboard.type("What was a stoa?")
    page.keyboard.press("Enter")
    expect(page.locator("article.answer:not(.running)")).to_have_count(1)
    keys.page.locator("body").press("Home")
    keys.press(".cite a")
    expect(page.locator(".source blockquote").first).to_be_visible()

    assert page.evaluate("document.activeElement.closest('.source') !== null")
    assert keys.faults == []


def test_the_first_stop_leads_past_the_menu(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    page.goto(f"{stoa.base_url}/studio/new")
    keys = Keys(page)

    keys.press(".skip")

    assert page.evaluate("document.activeElement.id") == "main"
    keys.tab_to("#name")
    assert keys.faults == []
