"""The gateway killed with -9 at two hundred points of its answers; `make test` has ten of them."""

from pathlib import Path

import pytest

from tests.support.engines import postgres_server, valkey_server
from tests.support.gateway import Databases
from tests.support.killed_gateways import STREAMS, killable

POINTS = 200
EACH_AT_MOST_SECONDS = 30


@pytest.mark.timeout(POINTS * EACH_AT_MOST_SECONDS)
def test_each_call_is_charged_once_wherever_the_gateway_was_killed(tmp_path: Path) -> None:
    with (
        postgres_server() as postgres,
        valkey_server() as valkey,
        killable(tmp_path, Databases(postgres).empty(), valkey.address(database=4)) as place,
    ):
        place.kill_at_random(POINTS)

        assert len(place.calls()) > POINTS * STREAMS // 2
        assert place.wrong() == []
        assert place.open_calls() == 0
