"""A browser for all journeys, and a fresh Stoa for each."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.support.browser import chromium, visitor
from tests.support.web_pages import WebOnStandin, web_on_standin

REFUSAL = re.compile("Failed to load resource|Response Status Error Code 4")
"""What the browser, or htmx, says of an answer that refuses."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the session: Playwright's loop runs in this thread until it is closed, and tests of
    # other folders bring loops of their own.
    with chromium() as found:
        yield found


@pytest.fixture
def stoa() -> Iterator[WebOnStandin]:
    with web_on_standin() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor with scripting. Whatever the browser complains about fails the journey."""
    opened = visitor(browser)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A refused form or a lost session is an answer, not a fault of the page.
        if message.type == "error" and not REFUSAL.match(message.text):
            complaints.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.context.close()
    assert complaints == []


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A visitor with scripting off."""
    opened = visitor(browser, scripting=False)
    yield opened
    opened.context.close()
