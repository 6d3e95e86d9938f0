"""Budgets over the API: who sets and sees them, and where they stand."""

import asyncio
from typing import Any

import pytest

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway, changed

MONTHLY = {"subject": "workspace", "amount": "25", "period": "month"}


def made(person: Person, **changes: Any) -> dict[str, Any]:
    budget: dict[str, Any]
    status, budget = person.post("/v1/budgets", MONTHLY | changes)
    assert status == 201, budget
    return budget


def spend(gateway: RunningGateway, person: Person, subject: str, pico: int) -> None:
    """As if something had been spent in this day and month."""
    subject_id = person.member_id if subject == "member" else ""
    for period in ("day", "month"):
        asyncio.run(
            changed(
                gateway.database_url,
                "INSERT INTO spends (workspace_id, subject, subject_id, period, starts_on,"
                " currency, spent_pico, held_pico) VALUES (:workspace, :subject, :id, :period,"
                " date_trunc(:period, now() AT TIME ZONE 'UTC')::date, 'USD', :pico, 0)",
                workspace=person.workspace_id,
                subject=subject,
                id=subject_id,
                period=period,
                pico=pico,
            )
        )


def test_a_budget_says_where_it_stands(gateway: RunningGateway, ada: Person) -> None:
    spend(gateway, ada, "workspace", 20 * 10**12)
    budget = made(ada)

    assert (budget["amount"], budget["spent"], budget["held"]) == ("25", "20", "0")
    assert (budget["remaining"], budget["state"], budget["hard"]) == ("5", "near", True)
    assert budget["resets_at"] > budget["created_at"]
    assert ada.get(f"/v1/budgets/{budget['id']}") == (200, budget)


def test_a_budget_can_be_changed_and_ended(ada: Person) -> None:
    budget = made(ada)
    path = f"/v1/budgets/{budget['id']}"
    changes = {"amount": "0.5", "hard": False, "warn_percent": 50}
    _, changed_budget = ada.patch(path, changes)
    _, gone = ada.delete(path)

    assert changed_budget == budget | changes | {"remaining": "0.5"}
    assert gone["deleted"] is True
    assert ada.get(path)[0] == 404
    assert ada.get("/v1/budgets")[1]["data"] == []


def test_one_subject_has_one_budget_a_period(ada: Person) -> None:
    made(ada)
    made(ada, period="day")
    status, error = ada.post("/v1/budgets", MONTHLY)

    assert (status, error["code"]) == (409, "budget_exists")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "-1"),
        ("amount", "NaN"),
        ("amount", "1e5"),
        ("amount", "0.0000000000001"),
        ("amount", 5),
        ("period", "week"),
        ("warn_percent", 0),
        ("currency", "dollars"),
        ("workspace", "wsp_1"),
    ],
)
def test_what_is_no_budget_is_refused(ada: Person, field: str, value: object) -> None:
    status, error = ada.post("/v1/budgets", MONTHLY | {field: value})

    assert (status, error["param"]) == (400, field)


def test_a_budget_names_somebody_of_the_workspace(ada: Person, bob: Person) -> None:
    foreign = {"subject": "member", "subject_id": bob.member_id}
    nobody = {"subject": "member"}
    superfluous = {"subject_id": ada.member_id}
    own = made(ada, subject="member", subject_id=ada.member_id)
    answers = [ada.post("/v1/budgets", MONTHLY | each) for each in (foreign, nobody, superfluous)]

    assert own["subject_name"] == "Ada"
    assert [(status, error["code"]) for status, error in answers] == [
        (404, "budget_subject_not_found"),
        (400, "budget_subject_unclear"),
        (400, "budget_subject_unclear"),
    ]


def test_a_budget_of_a_key_and_of_an_assistant(ada: Person, assistant_of_ada: str) -> None:
    _, key = ada.post("/v1/keys", {"name": "Website", "scopes": ["chat"]})
    of_key = made(ada, subject="key", subject_id=key["id"])
    of_assistant = made(ada, subject="assistant", subject_id=assistant_of_ada)

    assert (of_key["subject_name"], of_assistant["subject_name"]) == ("Website", "Atlas")


def test_an_allowance_shows_whoever_spent_most(gateway: RunningGateway, ada: Person) -> None:
    guest = gateway.enrol("Gus", beside=ada, power=Power.GUEST)
    spend(gateway, ada, "member", 3 * 10**12)
    spend(gateway, guest, "member", 10**12)

    assert made(ada, subject="each_member")["spent"] == "3"
    assert made(ada, subject="each_guest")["spent"] == "1"


def test_members_and_strangers_neither_see_nor_set_budgets(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    budget = made(ada)
    path = f"/v1/budgets/{budget['id']}"
    member = gateway.enrol("Mia", beside=ada, power=Power.MEMBER)
    by_member = [
        member.get("/v1/budgets")[0],
        member.post("/v1/budgets", MONTHLY | {"period": "day"})[0],
        member.get(path)[0],
        member.delete(path)[0],
    ]
    by_stranger = [bob.get(path)[0], bob.patch(path, {"amount": "1"})[0], bob.delete(path)[0]]
    elsewhere = bob.post("/v1/budgets", MONTHLY | {"workspace_id": ada.workspace_id})[0]

    assert by_member == [403, 403, 404, 404]
    assert by_stranger == [404, 404, 404]
    assert elsewhere == 404
    assert bob.get("/v1/budgets")[1]["data"] == []


def test_what_an_operator_sets_the_workspace_cannot_raise(
    gateway: RunningGateway, ada: Person
) -> None:
    operator = gateway.enrol("Olivia", is_operator=True)
    by_operator = made(operator, workspace_id=ada.workspace_id, amount="5")
    own = made(ada, amount="500")
    status, error = ada.patch(f"/v1/budgets/{by_operator['id']}", {"amount": "1000"})
    seen = {each["id"] for each in ada.get("/v1/budgets")[1]["data"]}
    everything = {each["id"] for each in operator.get("/v1/budgets")[1]["data"]}

    assert (status, error["code"]) == (403, "not_the_treasurer")
    assert (by_operator["by_operator"], own["by_operator"]) == (True, False)
    assert seen == everything == {by_operator["id"], own["id"]}
    assert operator.patch(f"/v1/budgets/{by_operator['id']}", {"amount": "6"})[0] == 200


def test_setting_changing_and_ending_are_recorded(ada: Person) -> None:
    budget = made(ada)
    ada.patch(f"/v1/budgets/{budget['id']}", {"hard": False})
    ada.delete(f"/v1/budgets/{budget['id']}")
    rows = ada.get("/v1/admin/audit")[1]["data"]
    acts = [row["action"] for row in rows if row["object_id"] == budget["id"]]

    assert acts == ["budget.ended", "budget.changed", "budget.set"]


def test_a_key_is_made_with_a_budget_of_its_own(ada: Person) -> None:
    wanted = {"amount": "0.5", "period": "day"}
    status, key = ada.post("/v1/keys", {"name": "job", "budget": wanted})
    (listed,) = ada.get("/v1/keys")[1]["data"]
    (budget,) = ada.get("/v1/budgets")[1]["data"]

    assert (status, key["budgets"]) == (201, [wanted | {"currency": "USD", "hard": True}])
    assert listed["budgets"] == key["budgets"]
    assert (budget["subject"], budget["subject_id"], budget["amount"]) == ("key", key["id"], "0.5")
    assert budget["by_operator"] is False


def test_whoever_may_make_a_key_may_bound_it(gateway: RunningGateway, ada: Person) -> None:
    member = gateway.enrol("Carl", power=Power.MEMBER, beside=ada)
    status, key = member.post(
        "/v1/keys", {"name": "job", "budget": {"amount": "1", "period": "month", "hard": False}}
    )

    assert status == 201, key
    assert member.get("/v1/keys")[1]["data"][0]["budgets"] == key["budgets"]
    assert ada.get("/v1/budgets")[1]["data"][0]["hard"] is False


def test_a_key_with_a_budget_that_is_none_is_not_made(ada: Person) -> None:
    status, _ = ada.post("/v1/keys", {"name": "job", "budget": {"amount": "-1", "period": "day"}})

    assert status in (400, 422)
    assert ada.get("/v1/keys")[1]["data"] == []
