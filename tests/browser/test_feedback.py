"""A reader rates an answer and its builder reads what they wrote; single keys; without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

PLAN = Plan("The covered walk", "Be short.")


def begin(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.publish(page)
    journeys.open_chat(page)
    journeys.ask(page, "What was a stoa?")


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_an_answer_is_rated_put_into_words_and_taken_back(
    request: pytest.FixtureRequest, stoa: WebOnStandin, kind: str
) -> None:
    page: Page = request.getfixturevalue(kind)
    begin(page, stoa)
    (assistant,) = stoa.standin.assistants
    talk = page.url
    page.locator(".thumb").last.click()
    expect(page.locator(".thumb[aria-pressed='true']")).to_have_text("Not helpful")
    words = page.locator(".feedback-words")
    if not words.evaluate("(found) => found.open"):
        words.locator("summary").click()
    words.locator("textarea").first.fill("Too short.")
    words.locator("button[name=rating]").click()
    expect(page.locator(".feedback-words textarea").first).to_have_text("Too short.")
    page.goto(f"{stoa.base_url}/studio/{assistant}/statistics")
    expect(page.locator(".notes li")).to_contain_text("Too short.")
    page.goto(talk)
    page.locator(".feedback-words summary").click()
    page.locator(".feedback-words button[formaction]").click()

    expect(page.locator(".feedback-words")).to_have_count(0)


def test_single_keys_search_and_help_and_leave_fields_alone(page: Page, stoa: WebOnStandin) -> None:
    begin(page, stoa)
    composer = page.locator("[data-composer]")
    composer.fill("")
    composer.press_sequentially("and/or?")
    expect(composer).to_have_value("and/or?")
    page.locator("h1").click()
    page.keyboard.press("/")
    page.wait_for_url("**/chat#talk-query")
    expect(page.locator("#talk-query")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.locator("#talk-query")).to_be_focused()
    expect(page.locator("#talk-query")).to_have_value("")
    page.locator("h1").click()
    page.keyboard.press("?")
    page.wait_for_url("**/shortcuts")

    expect(page.locator("kbd")).to_have_count(3)
