"""T13 on the whole chain: a hostile engine behind the real inference, gateway, web and Chromium.

Each answer is shown as text, or as a plain error; nothing runs, nothing hangs, nothing of the
engine's own errors is told, one row goes into the ledger, and the next question is answered.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.engine_chain import Chain, check_case, running_chain
from tests.support.hostile_engine import CASES, SAMPLE, hostile_engine


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with (
        hostile_engine() as engine_url,
        running_chain(engine_url, tmp_path_factory.mktemp("chain")) as running,
    ):
        yield running


@pytest.mark.parametrize("name", SAMPLE)
def test_a_hostile_engine_does_no_harm(browser: Browser, chain: Chain, name: str) -> None:
    check_case(browser, chain, name, CASES[name])
