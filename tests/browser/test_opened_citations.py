"""An opened citation in Chromium: the page's picture is there, and the quote is where one looks."""

import pytest
from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.screenshots import booklet_quote
from tests.support.web_pages import WebOnStandin


@pytest.fixture
def opened(page: Page, stoa: WebOnStandin) -> Page:
    """The booklet's quote, as a click on its citation opens it."""
    journeys.claim(page, stoa)
    page.goto(stoa.base_url + booklet_quote())
    return page


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_the_quote_is_in_sight_on_the_picture_of_its_page(opened: Page, width: int) -> None:
    address = opened.url
    opened.set_viewport_size({"width": width, "height": 900})
    # Opened anew: on the way back a browser shows the place that was left, not the quote.
    opened.goto("about:blank")
    opened.goto(address)
    picture, mark = opened.locator(".sheet img").first, opened.locator("#quote")

    expect(mark).to_be_in_viewport()
    shown, marked = picture.bounding_box(), mark.bounding_box()
    assert shown is not None
    assert marked is not None
    assert shown["x"] <= marked["x"] < marked["x"] + marked["width"] <= shown["x"] + shown["width"]
    assert (
        shown["y"] <= marked["y"] < marked["y"] + marked["height"] <= shown["y"] + shown["height"]
    )
    assert picture.evaluate("image => image.naturalWidth") > 400
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_the_text_is_one_step_away(opened: Page) -> None:
    opened.locator(".beside summary").click()

    expect(opened.locator(".beside .passage mark")).to_contain_text("Its telephone number")


def test_pages_turn_and_lead_back(opened: Page) -> None:
    opened.locator(".turning [rel=next]").first.click()
    expect(opened.locator(".sheet figcaption")).to_have_text("page 3")
    opened.get_by_text("Back to the quote").click()

    expect(opened.locator("#quote")).to_be_in_viewport()
