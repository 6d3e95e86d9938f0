"""Who sees which calls and names, filters, exports, and single rows of the ledger."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.accounts import Power
from contracts.ids import new_id
from gateway.reporting.rules.sheets import sheet
from gateway.usage.tables import LedgerEntry
from tests.support.gateway import Person, RunningGateway, written


def called(gateway: RunningGateway, person: Person, **fixed: Any) -> str:
    """A call in the ledger; its id."""
    fields: dict[str, Any] = {
        "id": new_id("led_"),
        "request_id": new_id("req_"),
        "purpose": "chat",
        "workspace_id": person.workspace_id,
        "member_id": person.member_id,
        "model": "small",
        "engine": "simulator",
        "input_tokens": 100,
        "cached_tokens": 40,
        "output_tokens": 10,
        "status": "complete",
        "currency": "USD",
        "price_input_pico": 50_000,
        "price_cached_input_pico": 10_000,
        "price_output_pico": 100_000,
        "amount_pico": 4_400_000,
        "first_token_ms": 200,
    }
    entry = LedgerEntry(**{**fields, **fixed})
    entry_id = entry.id
    asyncio.run(written(gateway.database_url, [entry]))
    return entry_id


def published(person: Person) -> str:
    _, assistant = person.post("/v1/assistants", {"name": "Atlas"})
    return str(assistant["id"])


def test_builders_see_what_their_assistants_cost_and_no_names_from_elsewhere(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    assistant_id = published(mel)
    called(gateway, ada, assistant_id=assistant_id)
    foreign = called(gateway, bob, assistant_id=assistant_id)
    called(gateway, bob)
    _, sums = mel.get("/v1/usage", view="assistants", group_by="member,assistant")
    _, rows = mel.get("/v1/admin/ledger", view="assistants", order="asc")
    _, row = mel.get(f"/v1/admin/ledger/{foreign}", view="assistants")
    _, guessed = mel.get("/v1/usage", view="assistants", member=bob.member_id)

    assert {each["member_name"] for each in sums["data"]} == {"Ada", None}
    assert [each["member_name"] for each in rows["data"]] == ["Ada", None]
    assert rows["data"][1]["member_id"] is None
    assert (row["workspace_id"], row["workspace_name"], row["member_id"]) == (None, None, None)
    assert bob.workspace_id not in str([sums, rows, row])
    assert guessed["data"] == []


def test_members_see_their_own_calls_one_by_one(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    own, other = called(gateway, mel), called(gateway, ada)
    _, rows = mel.get("/v1/admin/ledger", view="mine")
    statuses = [
        mel.get(f"/v1/admin/ledger/{own}", view="mine")[0],
        mel.get(f"/v1/admin/ledger/{other}", view="mine")[0],
        mel.get(f"/v1/admin/ledger/{own}")[0],
        bob.get(f"/v1/admin/ledger/{own}")[0],
        ada.get(f"/v1/admin/ledger/{own}")[0],
        mel.get("/v1/admin/stats")[0],
        mel.get("/v1/admin/stats", view="mine")[0],
    ]

    assert [row["id"] for row in rows["data"]] == [own]
    assert statuses == [200, 404, 403, 404, 200, 403, 200]


def test_only_operators_look_into_another_workspace(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    olivia = gateway.enrol("Olivia", is_operator=True)
    called(gateway, ada)
    called(gateway, bob)
    _, seen = olivia.get("/v1/usage", workspace=bob.workspace_id)
    refused = ada.get("/v1/usage", workspace=bob.workspace_id)

    assert [row["requests"] for row in seen["data"]] == [1]
    assert (refused[0], refused[1]["code"]) == (403, "workspace_not_yours")


def test_filters_leave_the_calls_they_name(gateway: RunningGateway, ada: Person) -> None:
    failed = called(gateway, ada, status="failed", model="large")
    called(gateway, ada)
    found = [
        [row["id"] for row in ada.get("/v1/admin/ledger", **query)[1]["data"]]
        for query in (
            {"status": "failed"}, {"model": "large"}, {"model": "large", "key": "none"},
            {"purpose": "title"}, {"member": "mem_nobody"}, {"to": "2020-01-01"},
        )
    ]  # fmt: skip

    assert found == [[failed], [failed], [failed], [], [], []]


def test_pages_go_by_time_and_back(gateway: RunningGateway, ada: Person) -> None:
    at = datetime.now(UTC) - timedelta(days=1)
    ids = [called(gateway, ada, created_at=at + timedelta(hours=hour)) for hour in (2, 0, 1)]
    newest = [ids[0], ids[2], ids[1]]
    _, first = ada.get("/v1/admin/ledger", limit=2)
    _, second = ada.get("/v1/admin/ledger", limit=2, after=first["last_id"])
    _, back = ada.get("/v1/admin/ledger", limit=2, before=second["first_id"])

    assert [row["id"] for row in first["data"] + second["data"]] == newest
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert [row["id"] for row in back["data"]] == newest[:2]


def test_exports_hold_every_row(gateway: RunningGateway, ada: Person) -> None:
    ids = [called(gateway, ada) for _ in range(3)]
    table = gateway.http.get("/v1/admin/ledger.csv", headers=ada.headers())
    array = gateway.http.get("/v1/admin/ledger.json", headers=ada.headers())
    sums = gateway.http.get("/v1/usage.csv?group_by=model", headers=ada.headers())

    assert sorted(row["id"] for row in array.json()) == sorted(ids)
    lines = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert sorted(line["id"] for line in lines) == sorted(ids)
    assert {line["cost"] for line in lines} == {"0.0000044"}
    [summed] = csv.DictReader(io.StringIO(sums.content.decode("utf-8-sig")))
    assert summed["requests"] == "3"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_name_is_a_formula_for_a_spreadsheet(name: str) -> None:
    table = sheet([{"member_name": name, "cost": "-0.5"}], ["member_name", "cost"], is_first=False)
    [cells] = list(csv.reader(io.StringIO(table.decode(), newline="")))

    assert cells == [f"'{name}", "-0.5"]


def test_an_export_of_nothing_is_whole(ada: Person) -> None:
    empty = ada.http.get("/v1/admin/ledger.json", headers=ada.headers())
    table = ada.http.get("/v1/admin/ledger.csv", headers=ada.headers())

    assert empty.json() == []
    assert table.text.removeprefix("\ufeff").startswith("time,id,")


def test_the_figures_are_those_of_the_calls(gateway: RunningGateway, ada: Person) -> None:
    called(gateway, ada)
    called(gateway, ada, status="failed", first_token_ms=None)
    called(gateway, ada, created_at=datetime.now(UTC) - timedelta(days=40))
    _, stats = ada.get("/v1/admin/stats", period="30d", zone="Asia/Kolkata")
    _, hour = ada.get("/v1/admin/stats", period="now")

    counted = {name: stats[name]["value"] for name in ("requests", "errors", "active_members")}
    assert counted == {"requests": 2, "errors": 1, "active_members": 1}
    assert stats["requests"]["before"] == 1
    assert stats["cost"][0]["value"] == "0.0000088"
    assert sum(stats["requests"]["series"]) == 2
    assert len(stats["starts"]) == len(stats["requests"]["series"]) == 30
    assert stats["first_token_p50_ms"]["value"] == pytest.approx(200, rel=0.05)
    assert hour["requests"]["value"] == 2
    assert stats["forecast"][0]["so_far"] == "0.0000088"


@pytest.mark.parametrize(
    "query",
    [{"period": "soon"}, {"period": "2026-01-02..2026-01-01"}, {"zone": "Mars/Olympus"},
     {"zone": "../etc/passwd"}, {"period": "2020-01-01..2026-01-01"}],
)  # fmt: skip
def test_figures_of_no_period_or_place_are_refused(ada: Person, query: dict[str, str]) -> None:
    assert ada.get("/v1/admin/stats", **query)[0] == 400


def test_a_row_tells_of_its_conversation_but_not_what_was_said(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    _, conversation = ada.post("/v1/conversations", {"assistant_id": assistant_of_ada})
    ada.post(f"/v1/conversations/{conversation['id']}/turns", {"text": "A secret question"})
    entry_id = called(gateway, ada, conversation_id=conversation["id"])
    _, row = ada.get(f"/v1/admin/ledger/{entry_id}")

    assert row["conversation"]["turns"] == 1
    assert row["prices"]["input_per_million"] == "0.05"
    assert "secret" not in str(row)
