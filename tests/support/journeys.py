"""What people do in the browser, step by step: the same on the stand-in and on the real Stoa.

Every step works with scripting on and off. `patience_ms` is for what a real engine takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from playwright.sync_api import FilePayload, Page, expect

EMAIL, PASSWORD, NAME = "olivia@example.org", "colonnade-in-the-shade", "Olivia"
PATIENCE_MS = 60_000


class Stoa(Protocol):
    """A running installation, real or on the stand-in."""

    @property
    def base_url(self) -> str: ...

    @property
    def claim_url(self) -> str: ...


@dataclass(frozen=True)
class Plan:
    """An assistant to make."""

    name: str
    instructions: str
    starters: Sequence[str] = ()
    description: str = ""


def claim(page: Page, stoa: Stoa) -> None:
    """Open the one-time link and take the operator's account."""
    page.goto(stoa.claim_url)
    page.locator("#name").fill(NAME)
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password_again").fill(PASSWORD)
    page.locator("form[action='/claim'] button").click()
    page.wait_for_url(f"{stoa.base_url}/studio/new")


def sign_out(page: Page, stoa: Stoa) -> None:
    page.goto(f"{stoa.base_url}/account")
    page.locator("form[action='/logout'] button").click()
    page.wait_for_url(f"{stoa.base_url}/login")


def sign_in(page: Page, stoa: Stoa, password: str = PASSWORD) -> None:
    """Fill in the form of the sign-in page, wherever it leads."""
    page.goto(f"{stoa.base_url}/login")
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(password)
    page.locator("form[action='/login'] button").click()
    page.wait_for_load_state()


def make_assistant(page: Page, stoa: Stoa, plan: Plan) -> str:
    """Fill in the new assistant's form; the address of its page in the studio."""
    page.goto(f"{stoa.base_url}/studio/new")
    page.locator("#name").fill(plan.name)
    page.locator("#description").fill(plan.description)
    page.locator("#instructions").fill(plan.instructions)
    for place, starter in enumerate(plan.starters):
        page.locator("[name=starters]").nth(place).fill(starter)
    page.locator("form[action='/studio'] button").click()
    expect(page.locator("#knowledge")).to_be_visible()
    page.wait_for_load_state()  # scripts have run: what is typed from here on saves itself
    return page.url.partition("#")[0]


def upload(page: Page, files: Sequence[Path | FilePayload]) -> None:
    """Send files into the assistant whose studio page is open."""
    chosen = page.locator("#files")
    if all(isinstance(file, Path) for file in files):
        chosen.set_input_files([file for file in files if isinstance(file, Path)])
    else:
        chosen.set_input_files([file for file in files if not isinstance(file, Path)])
    page.locator("[data-upload] button.main").click()
    expect(page.locator(".document").first).to_be_visible()


def wait_until_ready(page: Page, names: Sequence[str], patience_ms: int = PATIENCE_MS) -> None:
    """Until each file's row says that it is ready; without scripts by the page's own link."""
    for name in names:
        row = page.locator(".document", has_text=name)
        for _ in range(max(1, patience_ms // 500)):
            if row.get_attribute("data-status") != "in_progress":
                break
            page.wait_for_timeout(500)  # a poll with a deadline
            look_again = page.locator(".look-again")
            if look_again.count() and look_again.first.is_visible():
                look_again.first.click()
        expect(row).to_have_attribute("data-status", "completed")


def publish(page: Page) -> None:
    """Publish the assistant whose studio page is open."""
    page.locator("#sharing form button").click()
    expect(page.locator("#sharing .tag.good")).to_be_visible()


def open_chat(page: Page) -> None:
    """From the studio to the published assistant."""
    page.locator("#sharing a.button").click()
    expect(page.locator("[data-composer]")).to_be_visible()
    page.wait_for_load_state()  # Enter sends only once the page's script is there


def ask(page: Page, question: str, patience_ms: int = PATIENCE_MS) -> str:
    """Ask, wait for the whole answer; its text."""
    before = page.locator("article.answer").count()
    page.locator("[data-composer]").fill(question)
    page.locator("form:has([data-composer]) button").click()
    answer = page.locator("article.answer").nth(before)
    finished = page.locator("article.answer:not(.running)")
    try:
        expect(finished).to_have_count(before + 1, timeout=patience_ms)
    except AssertionError as error:
        error.add_note(f"The page says: {page.locator('main').inner_text()[:2_000]}")
        raise
    return answer.locator(".prose").inner_text()


def open_first_citation(page: Page) -> str:
    """Follow the first chip of the last answer; the quote that opens."""
    answer = page.locator("article.answer").last
    answer.locator(".cite a").first.click()
    quote = answer.locator(".source blockquote").first
    expect(quote).to_be_visible()
    return quote.inner_text()


def open_in_document(page: Page) -> str:
    """From the open quote to its passage; the text that is marked there."""
    page.locator("article.answer").last.locator(".source-link a").first.click()
    marked = page.locator(".passage mark")
    expect(marked).to_be_visible()
    return marked.inner_text()


def make_key(page: Page, name: str) -> str:
    """On the open account or studio page, make a key that may chat; its secret."""
    page.locator(".key-form [name=name]").fill(name)
    page.locator(".key-form button").click()
    expect(page.locator(".key-made h3")).to_contain_text(name)
    return page.locator(".key-made .secret").inner_text()


def revoke_key(page: Page, name: str) -> None:
    """On the open account or studio page, revoke the key of that name."""
    row = page.locator(".key", has_text=name)
    row.locator("summary").click()
    row.locator(".revoke-sure button").click()
    expect(row).to_have_count(0)
