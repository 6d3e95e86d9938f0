"""A reader finds an assistant in the store, talks to it, rates it and reads the reviews."""

import re

import pytest
from playwright._impl._api_structures import SetCookieParam
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


def session_of(page: Page, stoa: WebOnStandin) -> list[SetCookieParam]:
    """What makes a visitor who they are, to be it again later."""
    return [
        SetCookieParam(name=each["name"], value=each["value"], url=stoa.base_url)
        for each in page.context.cookies()
    ]


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_a_moderator_takes_down_what_a_reader_reported_and_the_builder_reads_why(
    request: pytest.FixtureRequest, stoa: WebOnStandin, kind: str
) -> None:
    page: Page = request.getfixturevalue(kind)
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.publish(page)
    ((assistant_id, assistant),) = stoa.standin.assistants.items()
    assistant.visibility = Visibility.PUBLIC
    listing = f"{stoa.base_url}/store/{assistant.slug}"
    moderator = session_of(page, stoa)
    stoa.standin.add_member("bob@example.org", journeys.PASSWORD, "Bob")
    page.context.clear_cookies()
    page.goto(f"{stoa.base_url}/login")
    page.locator("#email").fill("bob@example.org")
    page.locator("#password").fill(journeys.PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(f"{stoa.base_url}/")
    page.goto(listing)
    page.locator("#report summary").click()
    page.locator("#report-reason").select_option("misleading")
    page.locator("#words").fill("It invents opening hours.")
    page.locator("#report form button").first.click()
    expect(page.locator("#report .thanks")).to_contain_text("Thank you.")
    reader = session_of(page, stoa)
    page.context.clear_cookies()
    page.context.add_cookies(moderator)
    page.goto(f"{stoa.base_url}/admin")
    page.get_by_role("link", name="Reports", exact=True).click()
    page.get_by_role("link", name=PLAN.name).click()
    expect(page.locator(".case-page")).to_contain_text("It invents opening hours.")
    page.get_by_role("button", name="Read the instructions").click()
    expect(page.locator(".instructions")).to_contain_text(PLAN.instructions)
    page.locator("#words").fill("It invents opening hours, and goes on when told.")
    page.get_by_role("button", name="Take it out of the store").click()
    expect(page.locator(".case-tags")).to_contain_text("Taken out of the store")
    page.goto(f"{stoa.base_url}/studio/{assistant_id}")

    expect(page.locator("#taken-down")).to_contain_text("and goes on when told")
    page.context.clear_cookies()
    page.context.add_cookies(reader)
    assert (gone := page.goto(listing)) is not None
    assert gone.status == 404
