"""A member makes a key for a program, sees its secret once, and revokes it."""

from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

PLAN = Plan("The covered walk", "Answer in two sentences.", ["What was a stoa?"])


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


def test_an_assistants_page_gives_a_key_and_a_call_to_copy(page: Page, stoa: WebOnStandin) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    expect(page.locator("#api-body")).to_contain_text("Once it is published")
    journeys.publish(page)
    secret = journeys.make_key(page, "Night job")

    call = page.locator("#sample-curl")
    expect(call.locator("code")).to_contain_text(f"Bearer {secret}")
    call.locator(".copy").click()
    expect(call.locator(".copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == call.locator("code").inner_text()

    journeys.revoke_key(page, "Night job")
    expect(call.locator("code")).not_to_contain_text(secret)
    expect(page.locator("body")).not_to_contain_text(secret)


def test_who_may_ask_and_what_programs_call_work_without_scripts(
    plain_page: Page, stoa: WebOnStandin
) -> None:
    page = plain_page
    journeys.claim(page, stoa)
    address = journeys.make_assistant(page, stoa, PLAN)
    journeys.publish(page)
    page.locator("#visibility input[value=public]").check()
    page.locator("#visibility button").click()
    expect(page.locator("#visibility input[value=public]")).to_be_checked()

    secret = journeys.make_key(page, "Night job")
    page.locator("#sample-python summary").click()
    expect(page.locator("#sample-python code")).to_contain_text(secret)
    expect(page.locator(".copy").first).to_be_hidden()
    page.goto(address)
    expect(page.locator("body")).not_to_contain_text(secret)
    journeys.revoke_key(page, "Night job")

    expect(page.locator("#key-list")).to_contain_text("No keys yet.")


def test_keys_work_without_scripts(plain_page: Page, stoa: WebOnStandin) -> None:
    page = plain_page
    journeys.claim(page, stoa)
    page.goto(f"{stoa.base_url}/account")

    secret = journeys.make_key(page, "Night job")
    page.goto(f"{stoa.base_url}/account")
    expect(page.locator("body")).not_to_contain_text(secret)
    journeys.revoke_key(page, "Night job")

    expect(page.locator("#key-list")).to_contain_text("No keys yet.")
