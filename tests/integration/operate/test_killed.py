"""Each call of the engine is charged exactly once: the gateway killed with -9 while it answers,
readers who leave at every place of an answer, and many who ask at once with little money."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from laptop.valkey import ValkeyServer
from tests.support.gateway import Databases
from tests.support.killed_gateways import STREAMS, Killable, killable

POINTS = 10
MONEY = 0.01


def made(person: httpx2.Client, path: str, **wanted: str) -> dict[str, Any]:
    answer = person.post(path, json=wanted)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def killed(
    databases: Databases, valkey: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Killable]:
    folder = tmp_path_factory.mktemp("killed")
    with killable(folder, databases.empty(), valkey.address(database=4)) as place:
        place.kill_at_random(POINTS)
        yield place


def test_each_call_of_the_engine_is_charged_once_to_the_token_or_marked_estimated(
    killed: Killable,
) -> None:
    assert len(killed.calls()) > POINTS * STREAMS // 2
    assert killed.wrong() == []


def test_nothing_is_charged_that_the_engine_did_not_do(killed: Killable) -> None:
    asked = {call.usage.input_tokens for call in killed.calls()}
    unasked = [rows for tokens, rows in killed.charged().items() if tokens not in asked]

    assert all(estimated for rows in unasked for _, estimated in rows)


def test_a_reader_may_leave_after_any_chunk(killed: Killable) -> None:
    before = len(killed.calls())
    left = killed.leave_after_every(3)

    assert left == 20
    assert len(killed.calls()) == before + left
    assert killed.wrong() == []


def test_two_hundred_calls_at_once_with_money_for_ten(killed: Killable) -> None:
    """By sessions, keys of the workspace and keys of one person; the first call of the day too."""
    before = len(killed.calls())
    with killed.five.session() as olivia:
        carriers = [made(olivia, "/v1/keys", name=f"k{number}")["key"] for number in range(3)]
        carriers.append(olivia.headers["authorization"].removeprefix("Bearer "))
        spent = float(olivia.get("/v1/usage").json()["data"][0]["cost"])
        amount = f"{spent + MONEY:.12f}"
        budget = made(olivia, "/v1/budgets", subject="workspace", amount=amount, period="day")
        statuses = killed.ask_at_once(carriers, 200)
        stands = olivia.get(f"/v1/budgets/{budget['id']}").json()
        olivia.delete(f"/v1/budgets/{budget['id']}")

    # 503: so many at once on a busy machine wait too long for the database. They cost nothing.
    assert {200, 429} <= set(statuses) <= {200, 429, 503}
    assert statuses.count(200) <= len(killed.calls()) - before < 200
    assert 0 < float(stands["spent"]) <= float(amount)
    assert (stands["held"], killed.wrong()) == ("0", [])
