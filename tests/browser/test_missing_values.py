"""Every page is shown with and without every value that the gateway may leave out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import visitor
from tests.support.hostile_pages import HostileStoa, furnish, hostile_stoa
from tests.support.withheld import Withheld

OUR_FAULT = "Something failed on our side."


@pytest.fixture(scope="module")
def stoa(browser: Browser) -> Iterator[HostileStoa]:
    with hostile_stoa(Withheld) as found:
        page = visitor(browser)
        furnish(found, page)
        found.keep_session(page)
        page.context.close()
        yield found


@pytest.fixture
def page(browser: Browser, stoa: HostileStoa) -> Iterator[Page]:
    opened = visitor(browser)
    opened.context.add_cookies(stoa.cookies)
    yield opened
    opened.context.close()


def shown(page: Page, address: str) -> tuple[bool, bool]:
    """The page as the server sends it: is it there, and did it break? Jinja's StrictUndefined makes
    a fault of ours of each gap; an answer without what it must have is the gateway's fault."""
    answer = page.request.get(address, headers={"accept": "text/html"})
    return answer.ok, OUR_FAULT in answer.text()


def test_no_page_breaks_for_a_value_that_is_left_out(page: Page, stoa: HostileStoa) -> None:
    gateway = stoa.gateway
    assert isinstance(gateway, Withheld)
    behind: dict[tuple[str, str], str] = {}
    for path in stoa.addresses():
        gateway.heard.clear()
        shown(page, stoa.base_url + path)
        for value in gateway.heard - behind.keys():
            behind[value] = path

    count, broken = 0, []
    for (of, name), path in behind.items():
        gateway.withhold(of, name)
        is_there, is_broken = shown(page, stoa.base_url + path)
        count += is_there
        if is_broken:
            broken.append(f"{path} without {name} of {of}")
    assert count > 50
    assert broken == []
