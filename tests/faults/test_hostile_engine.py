"""All answers of a hostile engine, shown in Chromium; `make test` has a sample of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.engine_chain import Chain, check_case, running_chain
from tests.support.hostile_engine import CASES, hostile_engine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with (
        hostile_engine() as engine_url,
        running_chain(engine_url, tmp_path_factory.mktemp("chain")) as running,
    ):
        yield running


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_engine_does_no_harm(browser: Browser, chain: Chain, name: str) -> None:
    check_case(browser, chain, name, CASES[name])
