"""An administrator sees what was used and what it cost."""

from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin


def test_an_administrator_sees_usage(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    page.goto(f"{stoa.base_url}/admin/usage")
    expect(page.locator(".empty")).to_contain_text("The ledger is empty")
    journeys.make_assistant(page, stoa, Plan("The covered walk", "Be short."))
    journeys.publish(page)
    journeys.open_chat(page)
    journeys.ask(page, "What was a stoa?")

    page.get_by_role("link", name="Usage").click()

    row = page.locator(".ledger tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(journeys.NAME)
    expect(row).to_contain_text("The covered walk")
    expect(page.locator(".tile").first).to_contain_text("USD")
