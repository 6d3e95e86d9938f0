"""The whole road with scripting off: plain forms, links and refreshes."""

from playwright.sync_api import FilePayload, Page, expect

from tests.support import journeys
from tests.support.gateway_standin import QUOTES
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

FILE = FilePayload(name="walk.md", mimeType="text/markdown", buffer=b"# A covered walk")


def test_everything_works_without_scripts(plain_page: Page, stoa: WebOnStandin) -> None:
    page = plain_page
    stoa.standin.word_seconds = 0.1
    journeys.claim(page, stoa)
    journeys.sign_out(page, stoa)
    journeys.sign_in(page, stoa)
    address = journeys.make_assistant(page, stoa, Plan("The covered walk", "Be short."))
    journeys.upload(page, [FILE])
    journeys.wait_until_ready(page, ["walk.md"])
    page.locator("#description").fill("Greek markets")
    page.locator(".fold:has(#description) .fold-foot button").click()
    expect(page.locator(".lead").first).to_have_text("Greek markets")
    page.goto(address)
    journeys.publish(page)
    journeys.open_chat(page)

    answer = journeys.ask(page, "What was a stoa?")
    quote = journeys.open_first_citation(page)
    again = journeys.ask(page, "And in winter?")
    page.goto(f"{stoa.base_url}/chat")

    assert "Merchants sold there" in answer
    assert quote == QUOTES[1]
    assert again
    expect(page.locator(".row")).to_contain_text("What was a stoa?")


def test_a_builder_needs_no_scripts_for_any_fold(plain_page: Page, stoa: WebOnStandin) -> None:
    page = plain_page
    journeys.claim(page, stoa)
    address = journeys.make_assistant(page, stoa, Plan("The covered walk", "Speak of {{city}}."))
    page.locator("#category").select_option("research")
    page.locator("#tags").fill("Greece, markets")
    page.locator("#who .fold-foot button").click()
    page.locator("#row-0-name").fill("city")
    page.locator("#row-0-label").fill("Which city?")
    page.locator(".variables .fold-foot button").click()
    page.get_by_role("link", name="What people will see").click()
    page.get_by_label("Which city?").fill("Athens")
    journeys.ask(page, "What is there to see?")
    (conversation,) = stoa.standin.conversations.values()
    page.goto(f"{address}/search")
    page.locator("#query").fill("What was a stoa?")
    page.locator(".search-test button").click()
    expect(page.locator("main")).to_contain_text("Nothing was found")
    page.goto(f"{address}/statistics")
    expect(page.locator(".stats")).to_contain_text("Answers without a source")
    page.goto(address)

    expect(page.locator("#tags")).to_have_value("greece, markets")
    expect(page.locator("#category")).to_have_value("research")
    assert (conversation.assistant_version, conversation.variables) == (None, {"city": "Athens"})
