"""A builder makes an assistant, uploads files, watches them become ready, and publishes."""

from playwright.sync_api import FilePayload, Page, expect

from tests.support import journeys
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

PLAN = Plan("The covered walk", "Answer in two sentences.", ["What was a stoa?"], "Greek markets")
FILES = [
    FilePayload(name="walk.md", mimeType="text/markdown", buffer=b"# A covered walk"),
    FilePayload(name="集市.txt", mimeType="text/plain", buffer="柱廊".encode()),
]


def test_a_builder_makes_an_assistant_that_knows_files(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.upload(page, FILES)
    expect(page.locator(".document progress").first).to_be_visible()
    journeys.wait_until_ready(page, ["walk.md", "集市.txt"])
    journeys.publish(page)

    page.goto(stoa.base_url)
    expect(page.locator(".listing-card")).to_contain_text("The covered walk")


def test_changes_save_themselves(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    address = journeys.make_assistant(page, stoa, PLAN)

    page.locator("#instructions").fill("Answer in one sentence.")
    expect(page.locator(".saved .good")).to_contain_text("Saved")

    page.goto(address)
    expect(page.locator("#instructions")).to_have_value("Answer in one sentence.")


def test_a_broken_file_says_why_and_the_others_go_on(page: Page, stoa: WebOnStandin) -> None:
    broken = FilePayload(name="broken.pdf", mimeType="application/pdf", buffer=b"%PDF")
    empty = FilePayload(name="empty.pdf", mimeType="application/pdf", buffer=b"")
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)

    journeys.upload(page, [broken, empty, FILES[0]])

    expect(page.locator(".refused")).to_contain_text("empty.pdf This file is empty.")
    expect(page.locator(".document.failed")).to_contain_text("protected by a password")
    journeys.wait_until_ready(page, ["walk.md"])


def test_a_file_can_be_deleted(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.upload(page, FILES)
    journeys.wait_until_ready(page, ["walk.md"])

    page.locator(".document", has_text="walk.md").get_by_role("button", name="Delete").click()

    expect(page.locator(".document", has_text="walk.md")).to_have_count(0)
    expect(page.locator(".document", has_text="集市.txt")).to_have_count(1)
