"""A visitor claims the installation, signs out, and signs in again."""

from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.web_pages import WebOnStandin


def test_a_visitor_claims_and_signs_in(page: Page, stoa: WebOnStandin) -> None:
    page.goto(stoa.base_url)
    expect(page.locator("main")).to_contain_text("one-time link")

    journeys.claim(page, stoa)
    journeys.sign_out(page, stoa)
    journeys.sign_in(page, stoa, "not the password")
    expect(page.locator("[role=alert]")).to_contain_text("is not right")
    journeys.sign_in(page, stoa)

    expect(page.locator(".account-link")).to_contain_text(journeys.NAME)


def test_a_page_asked_for_comes_after_signing_in(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.sign_out(page, stoa)

    page.goto(f"{stoa.base_url}/studio")
    page.locator("#email").fill(journeys.EMAIL)
    page.locator("#password").fill(journeys.PASSWORD)
    page.locator("#password").press("Enter")

    page.wait_for_url(f"{stoa.base_url}/studio")


def test_the_language_switch_turns_every_page(page: Page, stoa: WebOnStandin) -> None:
    page.goto(f"{stoa.base_url}/login")
    page.get_by_role("button", name="简体中文").click()

    expect(page.locator("h1")).to_have_text("登录")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_the_keyboard_reaches_the_content_first(page: Page, stoa: WebOnStandin) -> None:
    page.goto(f"{stoa.base_url}/login")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
