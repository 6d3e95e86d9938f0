"""A builder makes an assistant, uploads files, watches them become ready, and publishes."""

import re
from pathlib import Path
from typing import Any

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

    walk = page.locator(".document", has_text="walk.md")
    walk.get_by_role("link", name="Delete").click()
    walk.get_by_role("link", name="Keep it").click()
    walk.get_by_role("link", name="Delete").click()
    walk.get_by_role("button", name="Delete it").click()

    expect(page.locator(".document", has_text="walk.md")).to_have_count(0)
    expect(page.locator(".document", has_text="集市.txt")).to_have_count(1)


def test_a_file_is_replaced_in_its_row(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.upload(page, FILES[:1])
    journeys.wait_until_ready(page, ["walk.md"])
    (former,) = stoa.standin.documents

    walk = page.locator(".document", has_text="walk.md")
    walk.get_by_text("Replace", exact=True).click()
    newer = FilePayload(name="walk-2.md", mimeType="text/markdown", buffer=b"# A longer walk")
    walk.get_by_label("New version of this file").set_input_files(newer)
    walk.get_by_role("button", name="Replace it").click()

    expect(page.locator(f"#doc-{former}")).to_have_count(0)
    expect(page.locator(".document")).to_contain_text("walk.md")
    assert [each.document_version for each in stoa.standin.documents.values()] == [2]


def test_files_and_a_folder_are_dropped_on_the_form(
    page: Page, stoa: WebOnStandin, tmp_path: Path
) -> None:
    """As Chromium itself hands them over: entries of a folder within a folder, hidden ones left."""
    for name in ("notes/walk.md", "notes/deep/market.txt", "notes/.hidden", "alone.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("A stoa was a covered walk.")
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    form = page.locator("form[data-upload]").first
    form.scroll_into_view_if_needed()
    box = form.bounding_box()
    assert box is not None
    dragged: dict[str, Any] = {
        "items": [],
        "files": [str(tmp_path / "notes"), str(tmp_path / "alone.txt")],
        "dragOperationsMask": 1,
    }
    devtools = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        devtools.send("Input.dispatchDragEvent", {"type": kind, "data": dragged, **middle})
        if kind == "dragOver":
            expect(form).to_have_class(re.compile(r"\bdropping\b"))

    journeys.wait_until_ready(page, ["walk.md", "market.txt", "alone.txt"])
    expect(page.locator(".document")).to_have_count(3)


def test_a_draft_is_tried_beside_its_form(page: Page, stoa: WebOnStandin) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)

    page.locator("#instructions").fill("Answer in one sentence.")
    expect(page.locator(".saved .good").first).to_contain_text("second")
    page.locator("#preview [data-composer]").fill("What was a stoa?")
    page.locator("#preview [data-composer]").press("Enter")
    expect(page.locator("#preview .answer:not(.running) .cite").first).to_be_visible()
    expect(page.locator("#preview .read-note a")).to_be_visible()
    page.locator("#preview").get_by_role("link", name="Start anew").click()

    expect(page.locator("#preview .answer")).to_have_count(0)
    expect(page.locator("#preview .starter-chips")).to_contain_text("What was a stoa?")


def test_two_folds_save_one_after_the_other(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    address = journeys.make_assistant(page, stoa, PLAN)

    page.locator("#description").fill("Halls and walks")
    page.locator("#instructions").fill("Be kind.")
    page.get_by_role("button", name="{{user.name}}").click()

    expect(page.locator("#who .saved .good")).to_be_visible()
    expect(page.locator("#behaviour .fold-form .saved .good").first).to_be_visible()
    page.goto(address)
    expect(page.locator("#description")).to_have_value("Halls and walks")
    expect(page.locator("#instructions")).to_have_value("Be kind.{{user.name}}")


def test_a_second_tab_overwrites_nothing(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    address = journeys.make_assistant(page, stoa, PLAN)
    other = page.context.new_page()
    other.goto(address)

    page.locator("#instructions").fill("Mine.")
    expect(page.locator(".saved .good").first).to_be_visible()
    other.locator("#instructions").fill("Theirs.")
    expect(other.locator(".saved .bad").first).to_contain_text("nothing of theirs was overwritten")
    other.get_by_role("link", name="Show the newest state").click()

    expect(other.locator("#instructions")).to_have_value("Mine.")


def test_what_is_wrong_with_a_field_stands_under_it(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)

    page.locator("#temperature").fill("hot")
    expect(page.locator("#temperature-slot")).to_contain_text("This is not accepted.")
    page.locator("#temperature").fill("0.5")
    expect(page.locator("#temperature-slot")).to_be_hidden()
