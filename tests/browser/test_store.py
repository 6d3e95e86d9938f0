"""A reader finds an assistant in the store, talks to it, rates it and reads the reviews."""

import re

import pytest
from playwright.sync_api import Page, expect

from contracts.assistants import Visibility
from tests.support import journeys
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

PLAN = Plan("The covered walk", "Be short.", ["What was a stoa?"])


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_a_reader_finds_talks_rates_and_reviews(
    request: pytest.FixtureRequest, stoa: WebOnStandin, kind: str
) -> None:
    page: Page = request.getfixturevalue(kind)
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.publish(page)
    (assistant,) = stoa.standin.assistants.values()
    assistant.visibility = Visibility.PUBLIC
    page.locator(".places a[href='/store']").click()
    expect(page.locator(".store-card")).to_have_count(3)
    page.locator("#store-query").press_sequentially("cover")
    if kind == "plain_page":
        page.locator("#store-query").press("Enter")
    expect(page.locator(".store-card")).to_have_count(1)
    expect(page).to_have_url(re.compile("query=cover$"))
    page.locator(".store-card a").click()
    expect(page.locator("#ratings")).to_contain_text("Talk to it first")
    listing = page.url
    page.locator(".starter-chips button").first.click()
    expect(page.locator("article.answer:not(.running)")).to_have_count(1)
    page.goto(listing)
    page.locator("[name=stars][value='4']").check()
    page.locator("#review").fill("Clear and short.")
    page.locator(".rate button").click()

    expect(page.locator(".mean")).to_contain_text("4.0 of 5; ratings: 1")
    expect(page.locator(".distribution li").nth(1)).to_contain_text("1")
    expect(page.locator(".review")).to_contain_text("Clear and short.")
    expect(page.locator("[name=stars][value='4']")).to_be_checked()
