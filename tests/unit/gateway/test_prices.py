"""Prices: dated, set by operators alone, and never changing what was charged."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from gateway.usage.rules import per_million, pico_per_token
from inference.main import build_app as build_inference
from inference.settings import ScriptRule, SimulatorSettings
from inference.settings import Settings as InferenceSettings
from runtime.settings import SharedSettings
from tests.support.gateway import (
    SERVICE_SECRET,
    Person,
    RunningGateway,
    changed,
    found,
    running_gateway,
)
from tests.support.serving import served
from tests.support.waiting import wait_until

PRICE = {
    "model": "simulator",
    "currency": "USD",
    "input_per_million": "2.5",
    "cached_input_per_million": "0.000001",
    "output_per_million": "10",
}
FREE = PRICE | dict.fromkeys(
    ("input_per_million", "cached_input_per_million", "output_per_million"), "0"
)
HI = {"model": "simulator", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture(scope="module")
def inference() -> Iterator[str]:
    slow = ScriptRule(pattern="slowly", answer=" ".join("abcdefghijklmnopqrst"))
    engine = SimulatorSettings(
        kind="simulator", window_tokens=2_048, rules=(slow,), tokens_per_second=40
    )
    shared = SharedSettings.model_validate({"service_secret": SERVICE_SECRET, "home": Path("var")})
    with served(build_inference(InferenceSettings(engines=(engine,), shared=shared))) as address:
        yield address


@pytest.fixture
def gateway(database_url: str, tmp_path: Path, inference: str) -> Iterator[RunningGateway]:
    with running_gateway(database_url, tmp_path, inference_url=inference) as running:
        yield running


@pytest.fixture
def olivia(gateway: RunningGateway) -> Person:
    """She runs the installation."""
    return gateway.enrol("Olivia", is_operator=True)


def prices_of(person: Person) -> list[dict[str, Any]]:
    status, page = person.get("/v1/prices")
    assert status == 200, page
    data: list[dict[str, Any]] = page["data"]
    return data


def charged(gateway: RunningGateway, person: Person) -> list[tuple[str, Decimal, int, int]]:
    """Model, amount in pico-units, tokens in and out of every call, the first first."""
    query = (
        "SELECT model, amount_pico, input_tokens, output_tokens FROM ledger"
        " WHERE member_id = :id ORDER BY id"
    )
    return found_now(gateway, query, id=person.member_id)


def found_now(gateway: RunningGateway, query: str, **values: Any) -> list[Any]:
    return asyncio.run(found(gateway.database_url, query, **values))


@given(st.decimals(min_value=0, max_value=999_999_999, places=6))
def test_a_price_survives_the_ledgers_units_exactly(price: Decimal) -> None:
    assert Decimal(per_million(pico_per_token(str(price)))) == price


def test_before_anybody_set_a_price_the_models_own_counts(ada: Person) -> None:
    [price] = prices_of(ada)

    assert (price["model"], price["is_default"], price["status"]) == ("simulator", True, "current")
    assert price["id"] is price["valid_from"] is None


def test_a_new_price_counts_and_the_default_is_of_the_past(ada: Person, olivia: Person) -> None:
    status, made = olivia.post("/v1/prices", PRICE)

    assert (status, made["status"], made["input_per_million"]) == (201, "current", "2.5")
    assert made["cached_input_per_million"] == "0.000001"
    assert [(each["is_default"], each["status"]) for each in prices_of(ada)] == [
        (False, "current"),
        (True, "past"),
    ]


def test_only_operators_learn_who_set_a_price(ada: Person, olivia: Person) -> None:
    olivia.post("/v1/prices", PRICE)

    assert prices_of(ada)[0]["created_by_name"] is None
    assert prices_of(olivia)[0]["created_by_name"] == "Olivia"


def test_who_runs_a_workspace_sets_no_prices(ada: Person) -> None:
    status, problem = ada.post("/v1/prices", PRICE)

    assert (status, problem["code"]) == (403, "prices_not_yours")


def test_a_price_to_come_waits_for_its_moment(gateway: RunningGateway, olivia: Person) -> None:
    later = int(gateway.clock().timestamp()) + 3600
    olivia.post("/v1/prices", PRICE | {"valid_from": later})
    before = prices_of(olivia)
    gateway.clock.forward(3601)
    after = prices_of(olivia)

    assert [each["status"] for each in before] == ["upcoming", "current"]
    assert [each["status"] for each in after] == ["current", "past"]


def test_no_price_counts_for_the_past(gateway: RunningGateway, olivia: Person) -> None:
    before = int(gateway.clock().timestamp()) - 60
    status, problem = olivia.post("/v1/prices", PRICE | {"valid_from": before})

    assert (status, problem["code"]) == (422, "price_in_the_past")


WRONG = ["-1", "NaN", "Infinity", "1e3", "0.1234567", "1,5", "", " 1", "१", "1234567890", 1, None]


def test_what_is_no_price_is_refused(olivia: Person) -> None:
    answers = {
        repr(wrong): olivia.post("/v1/prices", PRICE | {"output_per_million": wrong})
        for wrong in WRONG
    }

    told = {(status, problem.get("param")) for status, problem in answers.values()}
    assert told == {(400, "output_per_million")}, answers


LOOK_ALIKES = ["Simulator", "simulator ", " simulator", "simulatоr", "simulator\u200b", "other"]


def test_a_name_that_only_looks_like_a_models_has_no_price(olivia: Person) -> None:
    answers = [olivia.post("/v1/prices", PRICE | {"model": name}) for name in LOOK_ALIKES]

    assert {(status, problem["code"]) for status, problem in answers} == {(422, "unknown_model")}


def test_a_name_that_only_looks_like_a_models_is_not_answered(
    gateway: RunningGateway, ada: Person
) -> None:
    answers = [ada.post("/v1/chat/completions", HI | {"model": name}) for name in LOOK_ALIKES]

    assert {(status, problem["code"]) for status, problem in answers} == {(404, "model_not_found")}
    assert charged(gateway, ada) == []


async def test_prices_are_only_ever_added(database_url: str, olivia: Person) -> None:
    olivia.post("/v1/prices", PRICE)

    for statement in ("UPDATE prices SET input_pico = 0", "DELETE FROM prices"):
        with pytest.raises(DBAPIError, match="only ever added"):
            await changed(database_url, statement)


def test_a_call_is_charged_at_the_price_of_its_moment(
    gateway: RunningGateway, ada: Person, olivia: Person
) -> None:
    olivia.post("/v1/prices", PRICE)
    ada.post("/v1/chat/completions", HI)
    olivia.post("/v1/prices", FREE)
    ada.post("/v1/chat/completions", HI)

    (model, first, read, written), (_, second, _, _) = charged(gateway, ada)
    assert model == "simulator"
    assert first == read * 2_500_000 + written * 10_000_000
    assert second == 0


def test_a_price_changed_in_mid_stream_counts_from_the_next_call(
    gateway: RunningGateway, ada: Person, olivia: Person
) -> None:
    olivia.post("/v1/prices", PRICE)
    body = HI | {"messages": [{"role": "user", "content": "slowly"}], "stream": True}
    call = gateway.http.stream("POST", "/v1/chat/completions", json=body, headers=ada.headers())
    with call as answer:
        lines = answer.iter_lines()
        next(lines)
        olivia.post("/v1/prices", FREE)
        for _ in lines:
            pass

    rows = wait_until(lambda: charged(gateway, ada), seconds=20, what="the ledger row")
    assert rows is not None
    [(_, amount, read, written)] = rows
    assert amount == read * 2_500_000 + written * 10_000_000


def test_a_price_holds_on_every_gateway_within_seconds(
    gateway: RunningGateway, tmp_path: Path, ada: Person, olivia: Person, inference: str
) -> None:
    url = gateway.database_url
    with running_gateway(
        url, tmp_path / "b", inference_url=inference, sender=gateway.sender
    ) as other:
        there = Person(other.http, ada.token, ada.member_id, ada.workspace_id)
        there.post("/v1/chat/completions", HI)  # its list of prices is fresh now
        olivia.post("/v1/prices", FREE)

        def is_free() -> bool:
            there.post("/v1/chat/completions", HI)
            return charged(gateway, ada)[-1][1] == 0

        assert wait_until(is_free, seconds=60, what="the price on the other gateway")
