"""Chromium from Debian's packages, driven by Playwright: a new profile for every visitor.

with chromium() as browser:
    page = visitor(browser, lang="zh-CN")
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

EXECUTABLE = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000
# A busy machine renders late; a page that never gets there still fails.
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=EXECUTABLE, args=FLAGS, headless=True, chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            browser.close()


def visitor(
    browser: Browser,
    *,
    scripting: bool = True,
    lang: str = "en-GB",
    width: int = 1440,
    scheme: Literal["light", "dark"] = "light",
) -> Page:
    """A page in a profile of its own."""
    context = browser.new_context(
        java_script_enabled=scripting,
        locale=lang,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()
