"""Two gateways over one database: what only one may have, and what holds on both at once."""

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contracts.accounts import SignUpMode
from gateway.claim_link import claim_link
from tests.support.accounts import call, person_of
from tests.support.gateway import (
    Databases,
    Person,
    RunningGateway,
    found,
    gateway_settings,
    running_gateway,
)

CROWD = 50
PASSWORD = "a walk under olive trees"
Pair = tuple[RunningGateway, RunningGateway]


@pytest.fixture
def two(databases: Databases, tmp_path: Path) -> Iterator[Pair]:
    """Open to everybody, on a database without a row."""
    url = databases.fresh()
    with ExitStack() as closing:
        settings = gateway_settings(url, tmp_path, sign_up=SignUpMode.OPEN)
        first, second = (
            closing.enter_context(running_gateway(url, tmp_path, settings=settings))
            for _ in range(2)
        )
        yield first, second


def at_once(two: Pair, calls: list[tuple[str, dict[str, Any]]]) -> list[int]:
    """The statuses of calls made together, to one gateway and the other in turn."""

    def send(turn: tuple[RunningGateway, tuple[str, dict[str, Any]]]) -> int:
        return call(turn[0].http, *turn[1])[0]

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(send, zip(itertools.cycle(two), calls, strict=False)))


def account(number: int, **more: str) -> dict[str, str]:
    return {"email": f"p{number}@example.org", "name": f"P{number}", "password": PASSWORD, **more}


def test_fifty_claims_and_sign_ups_on_an_empty_database_make_one_operator(two: Pair) -> None:
    link = asyncio.run(claim_link(two[0].settings))
    token = str(link).partition("token=")[2]
    claims = [("/v1/accounts/claim", account(n, token=token)) for n in range(CROWD // 2)]
    ups: list[tuple[str, dict[str, Any]]] = [
        ("/v1/accounts", account(n)) for n in range(CROWD // 2, CROWD)
    ]
    statuses = at_once(two, [turn for pair in zip(claims, ups, strict=True) for turn in pair])
    operators = asyncio.run(
        found(two[0].database_url, "SELECT count(*) FROM members WHERE is_operator")
    )

    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 202, 403}
    assert operators == [(1,)]


def test_fifty_uses_of_one_invite_make_one_account(two: Pair) -> None:
    ada = two[0].enrol("Ada")
    _, invite = ada.post("/v1/admin/invites", {"email": "p1@example.org", "role": "member"})
    statuses = at_once(two, [("/v1/accounts", account(1, invite=invite["token"]))] * CROWD)
    members = asyncio.run(
        found(two[0].database_url, "SELECT count(*) FROM members WHERE email = 'p1@example.org'")
    )

    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 403, 409}
    assert members == [(1,)]


def test_fifty_sign_ups_of_one_address_make_one_account(two: Pair) -> None:
    two[0].enrol("Olivia", is_operator=True)
    statuses = at_once(two, [("/v1/accounts", account(1))] * CROWD)
    members = asyncio.run(found(two[0].database_url, "SELECT count(*) FROM members"))

    assert set(statuses) == {202}
    assert members == [(2,)]


def test_what_ends_at_one_gateway_ends_at_the_other_within_a_second(two: Pair) -> None:
    first, second = two
    first.enrol("Ada")
    credentials = {"email": "ada@example.org", "password": "colonnade-in-the-shade"}
    sessions = [call(first.http, "/v1/sessions", credentials)[1] for _ in range(3)]
    keeper = person_of(first.http, sessions[0])
    key = first.with_key(keeper, "read").token
    elsewhere = [Person(second.http, token) for token in (sessions[1]["token"], key)]
    before = [one.get("/v1/me")[0] for one in elsewhere]
    keeper.delete("/v1/sessions")
    _, keys = keeper.get("/v1/keys")
    keeper.delete(f"/v1/keys/{keys['data'][0]['id']}")
    after = [one.get("/v1/me")[0] for one in elsewhere]

    assert (before, after) == ([200, 200], [401, 401])
