"""The pages of prices and limits: what they show, and what their forms say back."""

import pytest

from contracts.limits import LimitScope
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_prices import NOW
from tests.support.web_people import Person

QWEN = "qwen2.5-coder-0.5b-instruct"
PRICE = {
    "model": QWEN,
    "currency": "usd",
    "input_per_million": "0.075",
    "cached_input_per_million": "0",
    "output_per_million": "0.300001",
    "valid_from": "",
}
LIMIT = {
    "scope": "member",
    "subject": "",
    "requests_per_minute": "90",
    "tokens_per_minute": "90,000",
}


@pytest.fixture
def operator(standin: Standin, ada: Person) -> Person:
    standin.passwords["ada@example.org"][1].is_operator = True
    return ada


def test_a_new_price_stands_in_the_table_and_the_former_one_behind_a_fold(
    operator: Person, standin: Standin
) -> None:
    answer = operator.post("/admin/prices", PRICE)
    page = operator.get("/admin/prices").text

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/prices")
    assert (standin.prices[0].currency, standin.prices[0].valid_from) == ("USD", NOW)
    assert page.index("0.300001 USD") < page.index("Former prices (1)") < page.index("0.10 USD")


def test_a_price_to_come_is_read_as_utc(operator: Person, standin: Standin) -> None:
    operator.post("/admin/prices", PRICE | {"valid_from": "2030-01-01T00:00"})

    assert standin.prices[0].valid_from == 1_893_456_000
    assert "To come" in operator.get("/admin/prices").text


@pytest.mark.parametrize("wrong", ["-5", "NaN", "0.1234567", "", "1e3", "0,5"])
def test_what_is_no_price_comes_back_with_what_was_typed(
    operator: Person, standin: Standin, wrong: str
) -> None:
    answer = operator.post("/admin/prices", PRICE | {"input_per_million": wrong})

    assert answer.status_code == 422
    assert 'id="input_per_million-problem"' in answer.text
    assert 'value="0.300001"' in answer.text
    assert standin.prices == []


def test_a_moment_of_the_past_is_explained(operator: Person, standin: Standin) -> None:
    answer = operator.post("/admin/prices", PRICE | {"valid_from": "2020-01-01T00:00"})

    assert answer.status_code == 422
    assert "never before" in answer.text
    assert standin.prices == []


def test_who_runs_a_workspace_reads_prices_and_limits_without_forms(
    standin: Standin, ada: Person
) -> None:
    standin.passwords["ada@example.org"][1].is_operator = False
    for path in ("/admin/prices", "/admin/limits"):
        page = ada.get(path)

        assert page.status_code == 200
        assert f'action="{path}"' not in page.text


def test_a_limit_for_everybody_and_one_for_a_member(operator: Person, standin: Standin) -> None:
    bob = standin.passwords["bob@example.org"][1].id
    operator.post("/admin/limits", LIMIT)
    operator.post("/admin/limits", LIMIT | {"subject": bob, "requests_per_minute": "1 200"})
    page = operator.get("/admin/limits").text

    assert standin.limits[LimitScope.MEMBER, None].tokens_per_minute == 90_000
    assert page.index("90,000") < page.index("Exceptions") < page.index("1,200")


def test_a_limit_goes_back_to_the_default(operator: Person, standin: Standin) -> None:
    operator.post("/admin/limits", LIMIT)
    answer = operator.post("/admin/limits/remove", {"scope": "member", "subject": ""})

    assert answer.headers["location"] == "/admin/limits"
    assert standin.limits == {}


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "", "1.5", "²"])
def test_what_is_no_limit_comes_back_with_what_was_typed(
    operator: Person, standin: Standin, wrong: str
) -> None:
    answer = operator.post("/admin/limits", LIMIT | {"requests_per_minute": wrong})

    assert answer.status_code == 422
    assert 'id="requests_per_minute-problem"' in answer.text
    assert standin.limits == {}


def test_a_limit_for_nobody_is_explained(operator: Person) -> None:
    answer = operator.post("/admin/limits", LIMIT | {"subject": "mem_nobody"})

    assert answer.status_code == 422
    assert "nobody here by this id" in answer.text
