"""An administrator sees what was used and what it cost."""

import re

from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.gateway_standin_usage import a_month_of_calls
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin


def test_an_administrator_sees_usage(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    page.goto(f"{stoa.base_url}/admin/ledger")
    expect(page.locator(".empty")).to_contain_text("The ledger is empty")
    journeys.make_assistant(page, stoa, Plan("The covered walk", "Be short."))
    journeys.publish(page)
    journeys.open_chat(page)
    journeys.ask(page, "What was a stoa?")

    page.get_by_role("link", name="Usage").click()
    expect(page.locator(".tile").first).to_contain_text("USD")
    page.get_by_role("link", name="Ledger").click()

    row = page.locator(".ledger tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(journeys.NAME)
    expect(row).to_contain_text("The covered walk")
    row.locator("th a").click()
    expect(page.locator("h1")).to_contain_text("USD")


def test_a_chart_says_what_the_pointer_is_at(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    a_month_of_calls(stoa.standin)
    page.goto(f"{stoa.base_url}/admin/cost?period=30d")
    column = page.locator(".chart a").nth(12)
    column.hover()

    expect(page.locator(".chart-readout")).to_have_text(column.get_attribute("aria-label") or "")
    column.click()
    expect(page).to_have_url(re.compile(r"/admin/ledger\?from=(\S+)&to=\1$"))
