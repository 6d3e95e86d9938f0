"""Ready means that the work can be done, not that a port is open."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.support.gateway import RunningGateway, running_gateway
from tests.support.serving import served


@pytest.fixture
def neighbour() -> Iterator[str]:
    """A service that says it is ready."""
    app = FastAPI()
    app.get("/health/ready")(lambda: {"ready": True})
    with served(app) as address:
        yield address


def _checks(gateway: RunningGateway) -> tuple[int, dict[str, bool]]:
    answer = gateway.http.get("/health/ready")
    return answer.status_code, {check["name"]: check["ok"] for check in answer.json()["checks"]}


def test_the_gateway_is_ready_when_everything_behind_it_is(
    database_url: str, tmp_path: Path, neighbour: str
) -> None:
    with running_gateway(
        database_url, tmp_path, retrieval_url=neighbour, inference_url=neighbour
    ) as gateway:
        status, checks = _checks(gateway)

    assert status == 200
    assert checks == dict.fromkeys(("database", "blobs", "broker", "retrieval", "inference"), True)


def test_what_is_away_is_named(database_url: str, tmp_path: Path, neighbour: str) -> None:
    with running_gateway(database_url, tmp_path, retrieval_url=neighbour) as gateway:
        gateway.sender.is_up = False
        status, checks = _checks(gateway)

    assert status == 503
    assert {name for name, ok in checks.items() if not ok} == {"broker", "inference"}
