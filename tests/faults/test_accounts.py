"""Four gateway processes over one database and one Valkey: crowds at the doors, and guessing.

Too slow for every run: real Argon2, a thousand guesses at each door, and times that are measured.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from gateway.claim_link import claim_link
from gateway.settings import Settings
from runtime.settings import SharedSettings
from tests.support.accounts import call
from tests.support.engines import free_port, postgres_server, valkey_server
from tests.support.gateway import Databases, found
from tests.support.processes import SECRET, Five, prepared_five

PROCESSES, CROWD, GUESSES = 4, 50, 1_000
WORDS = "a walk under olive trees"
WRONG = "not the right words"
MOST_DIFFERENCE_SECONDS = 0.010


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture
def five(databases: Databases, tmp_path: Path) -> Iterator[Five]:
    """Four gateways, open to everybody, on a database without a row."""
    with valkey_server() as valkey, ExitStack() as closing:
        prepared = closing.enter_context(
            prepared_five(tmp_path, databases.fresh(), valkey.address())
        )
        for name in ("STOA_ADMIN_EMAIL", "STOA_ADMIN_PASSWORD"):
            del prepared.environment[name]
        for number in range(PROCESSES):
            name = f"gateway{number}"
            prepared.ports[name] = free_port()
            port = str(prepared.ports[name])
            prepared.start(name, "gateway", GATEWAY_PORT=port, GATEWAY_SIGN_UP="open")
        prepared.wait_ready(*(f"gateway{number}" for number in range(PROCESSES)))
        yield prepared


@pytest.fixture
def doors(five: Five) -> Iterator[list[httpx2.Client]]:
    """A way to each of them."""
    with ExitStack() as closing:
        yield [
            closing.enter_context(
                httpx2.Client(base_url=five.address(f"gateway{number}"), timeout=120)
            )
            for number in range(PROCESSES)
        ]


def claim_token(five: Five) -> str:
    settings = Settings(
        database_url=SecretStr(five.environment["GATEWAY_DATABASE_URL"]),
        shared=SharedSettings(service_secret=SecretStr(SECRET)),
    )
    return str(asyncio.run(claim_link(settings))).partition("token=")[2]


def account(number: int, **more: str) -> dict[str, str]:
    return {"email": f"p{number}@example.org", "name": f"P{number}", "password": WORDS, **more}


def at_once(doors: list[httpx2.Client], calls: list[tuple[str, dict[str, Any]]]) -> list[int]:
    """Statuses of calls made together, to each process in turn."""

    def send(turn: tuple[httpx2.Client, tuple[str, dict[str, Any]]]) -> int:
        return call(turn[0], *turn[1])[0]

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(send, zip(itertools.cycle(doors), calls, strict=False)))


def rows(five: Five, query: str) -> list[tuple[Any, ...]]:
    return asyncio.run(found(five.environment["GATEWAY_DATABASE_URL"], query))


def claimed(five: Five, doors: list[httpx2.Client]) -> str:
    """The operator's session, after one claim."""
    _, session = call(doors[0], "/v1/accounts/claim", account(0, token=claim_token(five)))
    token: str = session["token"]
    return token


def test_fifty_claims_and_sign_ups_make_one_operator_and_fifty_uses_of_an_invite_one_account(
    five: Five, doors: list[httpx2.Client]
) -> None:
    token = claim_token(five)
    claims = [("/v1/accounts/claim", account(n, token=token)) for n in range(CROWD)]
    statuses = at_once(doors, claims)
    ups = at_once(doors, [("/v1/accounts", account(n)) for n in range(100, 100 + CROWD)])
    operator = rows(five, "SELECT email FROM members WHERE is_operator")
    (email,) = operator[0]
    _, session = call(doors[1], "/v1/sessions", {"email": email, "password": WORDS})
    invite = doors[1].post(
        "/v1/admin/invites",
        json={"email": "guest@example.org", "role": "guest"},
        headers={"authorization": f"Bearer {session['token']}"},
    )
    body = account(1, invite=invite.json()["token"]) | {"email": "guest@example.org"}
    uses = at_once(doors, [("/v1/accounts", body)] * CROWD)

    assert (statuses.count(201), len(operator)) == (1, 1)
    assert set(statuses) <= {201, 403}
    assert set(ups) == {202}
    assert uses.count(201) == 1
    assert rows(five, "SELECT count(*) FROM members WHERE email = 'guest@example.org'") == [(1,)]


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [
        ("/v1/sessions", {"email": "p0@example.org", "password": WRONG}, 20),
        ("/v1/password-resets/use", {"token": "rst-stoa-x", "password": WORDS}, 100),
        ("/v1/password-resets", {"email": "p0@example.org"}, 5),
        ("/v1/invites/look", {"token": "inv-stoa-x"}, 100),
        ("/v1/accounts/claim", account(9, token="clm-stoa-x"), 100),
        ("/v1/accounts/confirm", {"token": "cnf-stoa-x"}, 100),
    ],
    ids=["login", "reset", "reset letters", "invite", "claim", "confirm"],
)
def test_a_thousand_guesses_are_stopped(
    five: Five, doors: list[httpx2.Client], path: str, body: dict[str, str], most: int
) -> None:
    claimed(five, doors)
    statuses = at_once(doors, [(path, body)] * GUESSES)

    assert GUESSES - statuses.count(429) <= most


def test_known_and_unknown_accounts_take_the_same_time(
    five: Five, doors: list[httpx2.Client]
) -> None:
    claimed(five, doors)
    for number in range(1, 40):
        call(doors[0], "/v1/accounts", account(number))
    known = [f"p{number}@example.org" for number in range(1, 40)]
    unknown = [f"q{number}@example.org" for number in range(1, 40)]
    for path, more in [("/v1/sessions", {"password": WRONG}), ("/v1/password-resets", {})]:
        differences = []
        # In pairs, each side first in turn: what else the machine does falls on both alike.
        for number, (one, other) in enumerate(zip(known, unknown, strict=True)):
            taken = {}
            for email in (one, other) if number % 2 else (other, one):
                begun = time.perf_counter()
                status, _ = call(doors[0], path, {"email": email, **more})
                taken[email] = time.perf_counter() - begun
                assert status in (401, 202)
            differences.append(taken[one] - taken[other])
        print(path, statistics.median(differences))  # noqa: T201 - the figure, with -s
        assert abs(statistics.median(differences)) < MOST_DIFFERENCE_SECONDS, path
