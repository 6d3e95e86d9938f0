"""A member makes a key for a program, sees its secret once, and revokes it."""

from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.web_pages import WebOnStandin


def test_a_key_is_made_shown_once_and_revoked(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    page.locator(".account-link").click()
    first = journeys.make_key(page, "Night job")
    expect(page.locator(".key-made")).to_be_focused()
    expect(page.locator(".key-made .example")).to_contain_text(f"Bearer {first}")
    second = journeys.make_key(page, "Day job")
    expect(page.locator("body")).not_to_contain_text(first)

    journeys.revoke_key(page, "Night job")
    expect(page.locator(".key-made")).to_contain_text(second)
    journeys.revoke_key(page, "Day job")
    expect(page.locator(".key-made")).to_have_count(0)

    expect(page.locator("#key-list")).to_contain_text("No keys yet.")
    expect(page.locator("body")).not_to_contain_text(second)


def test_keys_work_without_scripts(plain_page: Page, stoa: WebOnStandin) -> None:
    page = plain_page
    journeys.claim(page, stoa)
    page.goto(f"{stoa.base_url}/account")

    secret = journeys.make_key(page, "Night job")
    page.goto(f"{stoa.base_url}/account")
    expect(page.locator("body")).not_to_contain_text(secret)
    journeys.revoke_key(page, "Night job")

    expect(page.locator("#key-list")).to_contain_text("No keys yet.")
