"""A month of usage to look at: the same each time, marked, and never by mistake."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from gateway.db import Database
from gateway.example_usage.errors import LedgerInUse
from gateway.example_usage.rules import DAYS, MARK, Cast, calls
from gateway.example_usage.service import ExampleUsage, Wanted
from tests.support.gateway import Person, RunningGateway, found

CAST = Cast("wsp_a", ("mem_a", "mem_b"), (("ast_a", 1),), (("key_a", "mem_b"),))
UNTIL = datetime(2026, 11, 22, 15, tzinfo=UTC)
FEW = Wanted(rows=40)


def write(gateway: RunningGateway, wanted: Wanted) -> int:
    async def written() -> int:
        database = Database(gateway.database_url, pool_size=2)
        try:
            return await ExampleUsage(database).write(wanted, lambda _: None)
        finally:
            await database.close()

    return asyncio.run(written())


def test_a_seed_makes_the_same_month_again() -> None:
    first, again = (list(calls([CAST], 300, UNTIL, ("USD",), 7)) for _ in range(2))

    for row in (*first, *again):
        del row["id"]  # ids are made anew, each after the one before
    assert first == again
    assert len({row["request_id"] for row in first}) == 300


def test_weekdays_are_busier_than_weekends_and_some_calls_fail() -> None:
    month = list(calls([CAST], 2_000, UNTIL, ("USD",), 7))
    moments = [row["created_at"] for row in month]
    days = Counter(at.weekday() for at in moments)

    assert moments == sorted(moments)
    assert (UNTIL - moments[0]).days <= DAYS
    assert min(days[day] for day in range(5)) > max(days[5], days[6])
    assert {row["status"] for row in month} == {"complete", "cancelled", "failed"}
    assert any(row["estimated"] for row in month)
    assert {row["currency"] for row in month} == {"USD"}


def test_a_second_currency_comes_when_asked_for() -> None:
    month = calls([CAST], 300, UNTIL, ("USD", "EUR"), 7)

    assert {row["currency"] for row in month} == {"USD", "EUR"}


def test_the_rows_are_marked_and_lie_in_the_past(gateway: RunningGateway, ada: Person) -> None:
    assert write(gateway, FEW) == 40
    rows = asyncio.run(
        found(gateway.database_url, "SELECT request_id, member_id, created_at FROM ledger")
    )

    assert len(rows) == 40
    assert all(row[0].startswith(MARK) and row[1] == ada.member_id for row in rows)
    assert len({row[2].date() for row in rows}) > 5


@pytest.mark.usefixtures("ada")
def test_a_ledger_with_rows_is_left_alone_unless_somebody_is_sure(
    gateway: RunningGateway,
) -> None:
    write(gateway, FEW)
    with pytest.raises(LedgerInUse):
        write(gateway, FEW)

    assert write(gateway, Wanted(rows=5, seed=8, is_sure=True)) == 5
