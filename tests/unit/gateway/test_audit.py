"""The audit trail: who was refused what, what was done, and that no row can be bent."""

from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from contracts.accounts import Power
from gateway.audit.rules import FloodGate, Flooding, Verdict, named_client, recorded_id
from gateway.settings import AuditLimits
from tests.support.gateway import (
    Person,
    RunningGateway,
    changed,
    found,
    gateway_settings,
    running_gateway,
)

INSERT = (
    "INSERT INTO audit_events (id, verdict, action, created_at) "
    "VALUES (:id, 'done', 'key.created', now() - make_interval(days => :days))"
)


def audit(person: Person, **query: object) -> list[dict[str, object]]:
    status, page = person.get("/v1/admin/audit", **query)
    assert status == 200, page
    rows: list[dict[str, object]] = page["data"]
    return rows


@pytest.fixture
def olga(gateway: RunningGateway) -> Person:
    return gateway.enrol("Olga", is_operator=True)


def test_a_refusal_says_who_wanted_what_and_from_where(
    gateway: RunningGateway, ada: Person, olga: Person
) -> None:
    gwen = gateway.enrol("Gwen", power=Power.GUEST, beside=ada)
    answer = gateway.http.post(
        "/v1/vector_stores", headers=gwen.headers() | {"x-request-id": "req-of-gwen"}, json={}
    )
    [row] = audit(olga, refused="true")

    assert answer.status_code == 403
    assert row["verdict"] == "forbidden"
    assert row["action"] == "POST /v1/vector_stores"
    assert row["code"] == answer.json()["error"]["code"]
    assert (row["member_id"], row["member_name"]) == (gwen.member_id, "Gwen")
    assert (row["workspace_id"], row["request_id"]) == (ada.workspace_id, "req-of-gwen")
    assert (row["client"], row["times"]) == ("127.0.0.1", 1)


def test_a_refusal_of_nobody_in_particular_names_nobody(
    gateway: RunningGateway, olga: Person
) -> None:
    gateway.http.get("/v1/assistants", headers={"authorization": "Bearer sk-stoa-not-a-key"})
    [row] = audit(olga, refused="true")

    assert (row["verdict"], row["code"]) == ("unauthenticated", "invalid_api_key")
    assert (row["member_id"], row["workspace_id"], row["key_id"]) == (None, None, None)


def test_a_foreign_object_is_recorded_as_hidden(
    bob: Person, olga: Person, assistant_of_ada: str
) -> None:
    bob.delete(f"/v1/assistants/{assistant_of_ada}")
    [row] = audit(olga, refused="true")

    assert (row["verdict"], row["object_kind"]) == ("hidden", "assistant")
    assert (row["object_id"], row["member_id"]) == (assistant_of_ada, bob.member_id)


def test_what_is_no_id_is_not_recorded_as_one(bob: Person, olga: Person) -> None:
    bob.get("/v1/assistants/sk-stoa-abcdefghijklmnopqrstuvwxyz0123456789")
    bob.get("/v1/assistants/a%0d%0a%1b[31mforged")

    assert [row["object_id"] for row in audit(olga, refused="true")] == [None, None]


def test_an_act_says_who_did_what(ada: Person, assistant_of_ada: str) -> None:
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    [row] = audit(ada, action="assistant.published")

    assert (row["verdict"], row["object_id"]) == ("done", assistant_of_ada)
    assert (row["member_id"], row["client"]) == (ada.member_id, "127.0.0.1")


def test_an_act_that_fails_leaves_no_row_of_an_act(ada: Person) -> None:
    ada.post("/v1/assistants/ast_none/publish")

    assert audit(ada, action="assistant.published") == []


def test_owners_see_their_workspace_and_operators_every_one(
    gateway: RunningGateway, ada: Person, bob: Person, olga: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    for person in (ada, bob):
        person.post("/v1/keys", {"name": "a key"})

    assert {row["member_id"] for row in audit(ada)} == {ada.member_id}
    assert {ada.member_id, bob.member_id} <= {row["member_id"] for row in audit(olga)}
    assert mel.get("/v1/admin/audit")[0] == 403
    assert gateway.with_key(ada, "read", "manage").get("/v1/admin/audit")[0] == 403


def test_the_record_is_read_page_by_page_and_by_filters(ada: Person) -> None:
    for name in ("one", "two", "three"):
        ada.post("/v1/keys", {"name": name})
    status, first = ada.get("/v1/admin/audit", limit=2)
    status, second = ada.get("/v1/admin/audit", limit=2, after=first["last_id"])

    assert (status, first["has_more"], second["has_more"]) == (200, True, False)
    assert len(first["data"]) + len(second["data"]) == 3
    assert audit(ada, member_id=ada.member_id, action="key.created") == [
        *first["data"],
        *second["data"],
    ]
    assert audit(ada, member_id="mem_nobody") == []
    assert audit(ada, to=1) == []
    assert audit(ada, refused="true") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET verdict = 'done'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
    ],
)
async def test_no_statement_bends_the_record(
    database_url: str, ada: Person, statement: str
) -> None:
    ada.post("/v1/keys", {"name": "a key"})
    with pytest.raises(DBAPIError, match="rows are only ever added"):
        await changed(database_url, statement)

    assert await found(database_url, "SELECT count(*) FROM audit_events") == [(1,)]


async def test_retention_lets_go_what_is_old_and_nothing_else(
    gateway: RunningGateway, database_url: str
) -> None:
    for days in (0, 179, 181, 400):
        await changed(database_url, INSERT, id=f"aud_{days}", days=days)
    gateway.jobs().sweep()
    kept = await found(database_url, "SELECT id FROM audit_events ORDER BY id")

    assert kept == [("aud_0",), ("aud_179",)]


async def test_the_last_day_stays_whatever_is_asked(database_url: str, ada: Person) -> None:
    ada.post("/v1/keys", {"name": "a key"})
    everything = (
        "DELETE FROM audit_events "
        "WHERE set_config('stoa.audit_keeps_from', 'infinity', true) = 'infinity'"
    )

    with pytest.raises(DBAPIError, match="rows are only ever added"):
        await changed(database_url, everything)


async def test_a_flood_of_refusals_is_a_few_rows_and_a_count(
    database_url: str, tmp_path: Path
) -> None:
    limits = AuditLimits(rows_per_client_minute=5)
    settings = gateway_settings(database_url, tmp_path, audit=limits)
    with running_gateway(database_url, tmp_path, settings=settings) as gateway:
        statuses = {gateway.http.get("/v1/me").status_code for _ in range(60)}
    counted = "SELECT count(*), sum(times), max(times) FROM audit_events WHERE action LIKE 'GET %'"
    [(rows, times, most)] = await found(database_url, counted)

    assert statuses == {401}
    # Two minutes when the clock strikes in between.
    assert (rows <= 11, int(times), most > 1) == (True, 60, True)


def test_what_is_counted_in_a_flood_is_bounded() -> None:
    gate = FloodGate(rows_per_client=1, rows_of_all=3)
    passed = sum(
        gate.passes(Flooding(f"client {number}", "GET /v1/me", Verdict.FORBIDDEN), minute=1)
        for number in range(5_000)
    )
    held = gate.drained()

    assert (passed, held.total()) == (3, 4_997)
    assert len(held) <= FloodGate.MOST_DIFFERENT + 1
    assert gate.passes(Flooding("client 1", "GET /v1/me", Verdict.FORBIDDEN), minute=2)


def test_clients_are_named_as_the_settings_say() -> None:
    hashed = named_client("192.0.2.7", "hashed", b"key")

    assert named_client("192.0.2.7", "whole", b"key") == "192.0.2.7"
    assert named_client("192.0.2.7", "none", b"key") is None
    assert hashed == named_client("192.0.2.7", "hashed", b"key")
    assert hashed not in (None, "192.0.2.7", named_client("192.0.2.7", "hashed", b"another"))


@pytest.mark.parametrize(
    "given", [None, "", "a b", "a\nb", "x" * 90, "sk-stoa-" + "a" * 40, "ses-stoa-" + "b" * 40]
)
def test_only_what_looks_like_an_id_is_kept(given: str | None) -> None:
    assert recorded_id(given) is None
