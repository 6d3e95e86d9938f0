"""Files of a conversation: attached with the clip or by a form, dropped, followed, taken out."""

from playwright.sync_api import FilePayload, Page, expect

from tests.support import journeys
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

PLAN = Plan("The covered walk", "Be short.")
REPORT = FilePayload(name="report.md", mimeType="text/markdown", buffer=b"# A report")
BROKEN = FilePayload(name="broken.md", mimeType="text/markdown", buffer=b"?")
DROP = """(composer) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["# A map"], "map.md", { type: "text/markdown" }));
  composer.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}"""


def begin(page: Page, stoa: WebOnStandin) -> None:
    """A first question that brings a file along."""
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.publish(page)
    journeys.open_chat(page)
    page.locator(".with-files summary").click()
    page.locator("#attach-files").set_input_files([REPORT])
    journeys.ask(page, "What does it say?")
    expect(page.locator(".attached-file")).to_contain_text("report.md")


def take_out(page: Page, left: int) -> None:
    page.locator(".attached-file button").first.click()
    expect(page.locator(".attached-file")).to_have_count(left)


def test_a_file_is_dropped_on_the_question_and_followed_until_it_is_read(
    page: Page, stoa: WebOnStandin
) -> None:
    begin(page, stoa)
    field = page.locator(".composer-field").bounding_box()
    clip = page.locator("[data-attach] summary").bounding_box()
    page.locator("[data-composer]").fill("What is on the map?")
    page.locator(".composer").evaluate(DROP)

    assert field is not None
    assert clip is not None
    # Whatever is said below the question field, the clip stands in it.
    assert field["y"] <= clip["y"] <= clip["y"] + clip["height"] <= field["y"] + field["height"]
    expect(page.locator(".attached-file", has_text="map.md")).to_contain_text("Ready")
    # What was being typed is still there.
    expect(page.locator("[data-composer]")).to_have_value("What is on the map?")
    for left in (1, 0):
        take_out(page, left)


def test_whoever_reads_above_stays_there_while_a_file_is_read(
    page: Page, stoa: WebOnStandin
) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    stoa.standin.steps_by_itself = False
    begin(page, stoa)
    page.evaluate("window.scrollTo(0, 0)")
    for _ in range(2):
        with page.expect_response("**/files"):
            pass

    expect(page.locator(".attached-file")).to_contain_text("being read")
    assert page.evaluate("window.scrollY") == 0


def test_without_scripts_a_form_attaches_and_the_page_says_how_far_it_is(
    plain_page: Page, stoa: WebOnStandin
) -> None:
    begin(plain_page, stoa)
    plain_page.locator("[data-attach] summary").click()
    plain_page.locator("#attach-files").set_input_files([BROKEN])
    plain_page.locator("[data-attach] form button").click()
    broken = plain_page.locator(".attached-file", has_text="broken.md")
    expect(broken).to_contain_text("being read")
    for _ in range(3):
        plain_page.locator(".look-again").click()

    expect(broken).to_contain_text("This PDF is protected by a password.")
    for left in (1, 0):
        take_out(plain_page, left)
