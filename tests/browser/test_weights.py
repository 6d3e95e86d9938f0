"""What a page makes a browser fetch: little, and from nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import visitor
from tests.support.hostile_pages import HostileStoa, furnish, hostile_stoa

MOST_BYTES = 100_000


class Scales:
    """What came over the wire for the open page, headers and all, pictures left out."""

    def __init__(self, page: Page) -> None:
        self._kinds: dict[str, str] = {}
        self._bytes: dict[str, float] = {}
        self.addresses: set[str] = set()
        wire = page.context.new_cdp_session(page)
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.loadingFinished", self._came)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def begin(self) -> None:
        self._bytes.clear()

    def weight(self) -> float:
        return sum(size for name, size in self._bytes.items() if self._kinds.get(name) != "Image")

    def _asked(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event.get("type", "")
        self.addresses.add(event["request"]["url"])

    def _came(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = event["encodedDataLength"]


@pytest.fixture(scope="module")
def stoa(browser: Browser) -> Iterator[HostileStoa]:
    with hostile_stoa() as found:
        page = visitor(browser)
        furnish(found, page)
        found.keep_session(page)
        page.context.close()
        yield found


@pytest.fixture
def page(browser: Browser, stoa: HostileStoa) -> Iterator[Page]:
    # In Chinese: the same words in more bytes.
    opened = visitor(browser, lang="zh-CN")
    opened.context.add_cookies(stoa.cookies)
    yield opened
    opened.context.close()


def test_every_page_is_light_and_asks_nobody_else(page: Page, stoa: HostileStoa) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
    scales = Scales(page)
    weights = {}
    for path in stoa.addresses():
        scales.begin()
        page.goto(stoa.base_url + path)
        # A quote that is opened brings a font of its own.
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        page.evaluate("document.fonts.ready.then(() => true)")
        weights[path] = scales.weight()

    foreign = [one for one in scales.addresses if not one.startswith((stoa.base_url, "data:"))]
    assert len(weights) > 40
    assert min(weights.values()) > 500
    assert {path: size for path, size in weights.items() if size > MOST_BYTES} == {}
    assert (foreign, refused) == ([], [])
