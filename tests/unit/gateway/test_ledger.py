"""Money: exact to the last pico-unit, written once, summed for those who may see it."""

import asyncio
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.accounts import Power
from contracts.generation import EngineUsage, ModelPrice, ServedModel
from contracts.ids import new_id
from gateway.answering.service.settling import called
from gateway.db import Database
from gateway.money import PICO, money
from gateway.payer import Payer
from gateway.reservations.service.reserving import ReservationService
from gateway.usage.charging import ModelCall
from gateway.usage.rules import amount_pico, pico_per_token, token_price
from tests.support.gateway import Person, RunningGateway, found

UTC = ZoneInfo("UTC")
prices = st.decimals(min_value=0, max_value=10_000, places=6).map(str)
counts = st.integers(min_value=0, max_value=2_000_000)


def _model(name: str = "small", price: str = "0.05") -> ServedModel:
    return ServedModel(
        id=name,
        engine="simulator",
        window_tokens=2048,
        price=ModelPrice(
            currency="USD",
            input_per_million=price,
            cached_input_per_million="0.01",
            output_per_million="0.10",
            as_of="2026-11-01",
        ),
    )


def _call(person: Person, model: ServedModel | None = None, request_id: str = "") -> ModelCall:
    return ModelCall(
        request_id=request_id or new_id("chatcmpl-"),
        purpose="chat",
        payer=Payer(person.workspace_id, person.member_id, None, None),
        assistant_version=None,
        conversation_id=None,
        model=called(model or _model()),
        usage=EngineUsage(input_tokens=1_000, cached_tokens=400, output_tokens=50),
        status="complete",
        first_token_ms=120,
        total_ms=900,
    )


def _record(gateway: RunningGateway, *calls: ModelCall) -> None:
    async def write() -> None:
        database = Database(gateway.database_url)
        for call in calls:
            await ReservationService(database, UTC).record(call)
        await database.close()

    asyncio.run(write())


@given(prices, prices, prices, counts, counts, counts)
def test_amounts_are_exact(
    input_price: str, cached_price: str, output_price: str, fresh: int, cached: int, written: int
) -> None:
    price = ModelPrice(
        currency="USD",
        input_per_million=input_price,
        cached_input_per_million=cached_price,
        output_per_million=output_price,
        as_of="2026-11-01",
    )
    usage = EngineUsage(input_tokens=fresh + cached, cached_tokens=cached, output_tokens=written)
    with localcontext(prec=60):
        wanted = (
            fresh * Decimal(input_price)
            + cached * Decimal(cached_price)
            + written * Decimal(output_price)
        ) / 10**6

        assert Decimal(amount_pico(token_price(price), usage)) / PICO == wanted


@given(st.integers(min_value=0, max_value=10**30))
def test_money_is_plain_and_loses_nothing(pico: int) -> None:
    shown = money(pico)

    assert "E" not in shown.upper()
    with localcontext(prec=60):
        assert Decimal(shown) * PICO == pico


@pytest.mark.parametrize(
    ("pico", "shown"), [(123_000_000, "0.000123"), (0, "0"), (PICO, "1"), (1, "0.000000000001")]
)
def test_money_reads_well(pico: int, shown: str) -> None:
    assert money(pico) == shown


def test_a_price_per_million_is_pico_per_token() -> None:
    assert pico_per_token("0.05") == 50_000


def test_an_engine_that_caches_more_than_it_read_is_not_believed() -> None:
    price = token_price(_model().price)
    usage = EngineUsage(input_tokens=10, cached_tokens=50, output_tokens=0)

    assert amount_pico(price, usage) == 10 * price.cached_input_pico


def test_a_call_is_written_once_however_often_it_is_recorded(
    gateway: RunningGateway, ada: Person
) -> None:
    call = _call(ada, request_id="chatcmpl-1")
    _record(gateway, call, call)
    rows = asyncio.run(found(gateway.database_url, "SELECT amount_pico FROM ledger"))

    # (600 x 0.05 + 400 x 0.01 + 50 x 0.10) / 10^6 = 0.000039
    assert rows == [(Decimal(39_000_000),)]


def test_usage_is_grouped_as_asked(gateway: RunningGateway, ada: Person) -> None:
    _record(gateway, _call(ada), _call(ada), _call(ada, _model("large")))
    _, usage = ada.get("/v1/usage", group_by="member,model,day")

    by_model = {row["model"]: row for row in usage["data"]}
    assert {model: row["requests"] for model, row in by_model.items()} == {"small": 2, "large": 1}
    assert by_model["small"]["cost"] == "0.000078"
    assert by_model["small"]["input_tokens"] == 2_000
    assert by_model["small"]["member_id"] == ada.member_id
    assert len(by_model["small"]["day"]) == 10
    assert by_model["small"]["key_id"] is None


def test_usage_is_cut_to_its_period(gateway: RunningGateway, ada: Person) -> None:
    _record(gateway, _call(ada))
    _, before = ada.get("/v1/usage", to="2020-01-01")
    _, since = ada.get("/v1/usage", **{"from": "1577836800"})

    assert (before["data"], since["data"][0]["requests"]) == ([], 1)


@pytest.mark.parametrize("question", [{"group_by": "mood"}, {"from": "yesterday"}])
def test_a_question_that_makes_no_sense_is_refused(ada: Person, question: dict[str, str]) -> None:
    assert ada.get("/v1/usage", **question)[0] == 400


def test_members_see_their_own_admins_the_workspace_operators_everything(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    olivia = gateway.enrol("Olivia", is_operator=True)
    _record(gateway, _call(ada), _call(mel), _call(bob))
    seen = {
        person.member_id: sum(row["requests"] for row in person.get("/v1/usage")[1]["data"])
        for person in (ada, mel, bob, olivia)
    }

    assert list(seen.values()) == [2, 1, 1, 3]


def test_the_ledger_is_for_those_who_run_something(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    _record(gateway, _call(mel), _call(bob))
    status, ledger = ada.get("/v1/admin/ledger")
    refused, problem = mel.get("/v1/admin/ledger")

    assert (status, [row["member_name"] for row in ledger["data"]]) == (200, ["Mel"])
    assert ledger["data"][0]["cost"] == "0.000039"
    assert (refused, problem["code"]) == (403, "ledger_not_yours")
