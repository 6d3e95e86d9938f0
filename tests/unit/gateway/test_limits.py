"""Limits a minute: of each key, member, workspace and client address, and who sets them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.accounts import Power, Scope
from contracts.ids import new_id
from gateway.adapters.rate_windows_failsafe import FailSafeRateWindows
from gateway.adapters.rate_windows_memory import MemoryRateWindows
from gateway.adapters.rate_windows_valkey import ValkeyRateWindows
from gateway.caller import Caller
from gateway.db import Database
from gateway.quotas.errors import RateLimitExceeded
from gateway.quotas.rules import counted_address
from gateway.quotas.service import LimitBook, QuotaService
from gateway.rate_windows import RateWindows
from gateway.settings import RateLimits
from laptop.valkey import ValkeyServer
from tests.support.engines import free_port, valkey_server
from tests.support.gateway import Person, RunningGateway, running_gateway
from tests.support.waiting import wait_until

WIDE = RateLimits(
    requests_per_minute=1_000,
    tokens_per_minute=10_000_000,
    workspace_requests_per_minute=1_000,
    workspace_tokens_per_minute=10_000_000,
    address_requests_per_minute=1_000,
    address_tokens_per_minute=10_000_000,
)
CALLER = Caller(
    member_id="mem_1",
    workspace_id="wsp_1",
    power=Power.MEMBER,
    member_name="Ada",
    email="ada@example.org",
    key_id="key_1",
    scopes=frozenset(Scope),
    address="192.0.2.7",
)
OTHERS = Caller(
    member_id="mem_2",
    workspace_id="wsp_2",
    power=Power.MEMBER,
    member_name="Bob",
    email="bob@example.org",
    key_id="key_2",
    scopes=frozenset(Scope),
    address="192.0.2.8",
)
SAME = {
    "key": "key_id",
    "member": "member_id",
    "workspace": "workspace_id",
    "address": "address",
}
"""By scope, the one thing that a caller shares with another."""


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with valkey_server() as server:
        yield server


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def olivia(gateway: RunningGateway) -> Person:
    return gateway.enrol("Olivia", is_operator=True)


def limit(scope: str, requests: int, subject: str | None = None) -> dict[str, Any]:
    numbers = {"requests_per_minute": requests, "tokens_per_minute": 60_000}
    return {"scope": scope, **numbers} | ({"subject": subject} if subject else {})


async def let_in(quotas: QuotaService, caller: Caller, calls: int) -> int:
    """How many of so many calls at once are let in."""

    async def is_let_in() -> bool:
        try:
            await quotas.reserve(caller, new_id("call_"), 10)
        except RateLimitExceeded:
            return False
        return True

    return sum(await asyncio.gather(*(is_let_in() for _ in range(calls))))


async def two_gateways(
    database: Database, windows: tuple[RateWindows, RateWindows], scope: str
) -> tuple[QuotaService, QuotaService]:
    """Both count in one place; six calls a minute for each of the scope."""
    name = f"{scope}_requests_per_minute"
    if scope in ("key", "member"):
        name = "requests_per_minute"
    limits = WIDE.model_copy(update={name: 6})
    one, other = (QuotaService(each, LimitBook(database, limits)) for each in windows)
    return one, other


@pytest.mark.parametrize("scope", list(SAME))
async def test_a_limit_holds_over_all_gateways(
    database: Database, valkey: ValkeyServer, scope: str
) -> None:
    # Each run counts for other people: the server keeps a minute.
    run = new_id("")
    windows = (ValkeyRateWindows(valkey.address()), ValkeyRateWindows(valkey.address()))
    one, other = await two_gateways(database, windows, scope)
    first = renamed(CALLER, run)
    shared: dict[str, Any] = {SAME[scope]: getattr(first, SAME[scope])}
    second = replace(renamed(OTHERS, run), **shared)
    counts = await asyncio.gather(let_in(one, first, 20), let_in(other, second, 20))
    for each in windows:
        await each.close()

    assert sum(counts) == 6


def renamed(caller: Caller, run: str) -> Caller:
    return replace(
        caller,
        key_id=f"{caller.key_id}{run}",
        member_id=f"{caller.member_id}{run}",
        workspace_id=f"{caller.workspace_id}{run}",
        address=f"2001:db8:{run[:4].translate(_HEX)}:{run[4:8].translate(_HEX)}"
        f":{caller.address.rpartition('.')[2]}::1",
    )


_HEX = str.maketrans("ghjkmnpqrstvwxyz", "0123456789abcdef")


async def test_without_the_common_count_a_limit_is_stricter(database: Database) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    windows = FailSafeRateWindows(ValkeyRateWindows(nowhere), MemoryRateWindows())
    one, _ = await two_gateways(database, (windows, windows), "address")
    count = await let_in(one, CALLER, 20)
    await windows.close()

    assert count == 3


async def test_a_callers_numbers_are_the_tightest(database: Database) -> None:
    limits = WIDE.model_copy(update={"address_requests_per_minute": 9, "tokens_per_minute": 70})
    quotas = QuotaService(MemoryRateWindows(), LimitBook(database, limits))
    await quotas.reserve(CALLER, "call", 10)
    standing = await quotas.standing(CALLER)

    assert (standing.requests.limit, standing.requests.remaining) == (9, 8)
    assert (standing.tokens.limit, standing.tokens.remaining) == (70, 60)


def test_the_settings_hold_until_somebody_sets_others(olivia: Person) -> None:
    _, page = olivia.get("/v1/admin/limits")

    assert [each["scope"] for each in page["data"]] == ["key", "member", "workspace", "address"]
    assert not any(each["is_set"] for each in page["data"])


def test_a_limit_set_for_somebody_is_told_in_every_answer(ada: Person, olivia: Person) -> None:
    status, made = olivia.put("/v1/admin/limits", limit("member", 7, ada.member_id))
    told = ada.http.get("/v1/me", headers=ada.headers()).headers
    others = olivia.http.get("/v1/me", headers=olivia.headers()).headers

    assert (status, made["subject_name"]) == (200, "Ada")
    assert told["x-ratelimit-limit-requests"] == "7"
    assert others["x-ratelimit-limit-requests"] != "7"


def test_a_default_holds_for_whoever_has_no_exception(ada: Person, olivia: Person) -> None:
    olivia.put("/v1/admin/limits", limit("member", 9))
    olivia.put("/v1/admin/limits", limit("member", 7, ada.member_id))

    told = [
        person.http.get("/v1/me", headers=person.headers()).headers["x-ratelimit-limit-requests"]
        for person in (ada, olivia)
    ]
    assert told == ["7", "9"]


def test_a_removed_limit_gives_way_to_the_default(ada: Person, olivia: Person) -> None:
    olivia.put("/v1/admin/limits", limit("member", 7, ada.member_id))
    path = f"/v1/admin/limits?scope=member&subject={ada.member_id}"

    assert olivia.delete(path)[0] == 200
    assert olivia.delete(path)[0] == 404
    told = ada.http.get("/v1/me", headers=ada.headers()).headers
    assert told["x-ratelimit-limit-requests"] != "7"


def test_who_runs_a_workspace_sees_what_concerns_it_and_sets_nothing(
    ada: Person, bob: Person, olivia: Person
) -> None:
    for person in (ada, bob):
        olivia.put("/v1/admin/limits", limit("member", 7, person.member_id))
        olivia.put("/v1/admin/limits", limit("workspace", 70, person.workspace_id))
    olivia.put("/v1/admin/limits", limit("address", 5, "192.0.2.9"))
    _, page = ada.get("/v1/admin/limits")
    refused = ada.put("/v1/admin/limits", limit("member", 8, ada.member_id))

    subjects = {each["subject"] for each in page["data"]}
    assert subjects == {None, ada.member_id, ada.workspace_id}
    assert (refused[0], refused[1]["code"]) == (403, "limits_not_yours")


def test_a_member_who_runs_nothing_sees_no_limits(gateway: RunningGateway, ada: Person) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)

    assert mel.get("/v1/admin/limits")[0] == 403


def test_nobody_has_no_limit(olivia: Person) -> None:
    status, problem = olivia.put("/v1/admin/limits", limit("key", 7, "key_nobody"))

    assert (status, problem["code"]) == (404, "limit_not_found")


def test_what_is_no_limit_is_refused(olivia: Person) -> None:
    answers = [
        olivia.put("/v1/admin/limits", limit("member", 1) | {"requests_per_minute": wrong})
        for wrong in (0, -1, 1.5, "60", None, True, 10**12)
    ]

    told = {(status, problem.get("param")) for status, problem in answers}
    assert told == {(400, "requests_per_minute")}


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::5", "2001:db8::/64"),
        ("2001:db8::/64", "2001:db8::/64"),
        ("192.0.2.0/24", None),
        ("2001:db8::/32", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_an_address_is_named_as_it_is_counted(given: str, counted: str | None) -> None:
    assert counted_address(given) == counted


def test_what_is_no_address_has_no_limit(olivia: Person) -> None:
    status, problem = olivia.put("/v1/admin/limits", limit("address", 7, "localhost"))

    assert (status, problem["code"]) == (422, "no_address")


def test_callers_of_one_address_share_its_limit(ada: Person, bob: Person, olivia: Person) -> None:
    olivia.put("/v1/admin/limits", limit("address", 2, "127.0.0.1"))
    told = {
        person.http.get("/v1/me", headers=person.headers()).headers["x-ratelimit-limit-requests"]
        for person in (ada, bob)
    }

    assert told == {"2"}


def test_a_forged_address_is_not_believed(ada: Person, olivia: Person) -> None:
    olivia.put("/v1/admin/limits", limit("address", 2, "127.0.0.1"))
    forged = {"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"}
    told = ada.http.get("/v1/me", headers=ada.headers() | forged).headers

    assert told["x-ratelimit-limit-requests"] == "2"


def test_a_limit_set_elsewhere_holds_here_within_seconds(
    gateway: RunningGateway, tmp_path: Path, ada: Person, olivia: Person
) -> None:
    with running_gateway(gateway.database_url, tmp_path / "b", sender=gateway.sender) as other:
        other.http.get("/v1/me", headers=ada.headers())  # its limits are fresh now
        olivia.put("/v1/admin/limits", limit("member", 7, ada.member_id))

        def holds() -> bool:
            told = other.http.get("/v1/me", headers=ada.headers()).headers
            return told["x-ratelimit-limit-requests"] == "7"

        assert wait_until(holds, seconds=60, what="the limit on the other gateway")
