"""A workspace's money: budgets, calls that hold some of it, and what the books say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from contracts.accounts import Power
from contracts.budgets import BudgetPeriod, BudgetSubject
from contracts.generation import EngineUsage
from contracts.ids import new_id
from contracts.usage import CallStatus
from gateway.budgets.tables import Budget
from gateway.clock import Clock
from gateway.db import Database
from gateway.payer import Payer
from gateway.reservations.rules import PlannedCall
from gateway.reservations.service.reserving import ReservationService
from gateway.usage.charging import CalledModel, ModelCall
from gateway.usage.rules import TokenPrice

UTC = ZoneInfo("UTC")
WORKSPACE, MEMBER, OTHER_MEMBER, KEY = "wsp_1", "mem_1", "mem_2", "key_1"
PAYER = Payer(WORKSPACE, MEMBER, None, None, Power.MEMBER)
MODEL = CalledModel("simulator", "sim", "USD", TokenPrice(10, 1, 100))
INPUT, OUTPUT = 100, 10
MOST_PICO = INPUT * 10 + OUTPUT * 100
"""What one call holds: 2,000."""


def planned(
    request_id: str, payer: Payer = PAYER, model: CalledModel = MODEL, output_tokens: int = OUTPUT
) -> PlannedCall:
    return PlannedCall(request_id, "chat", payer, None, None, model, INPUT, INPUT, output_tokens)


def ended(
    request_id: str,
    output_tokens: int = OUTPUT,
    payer: Payer = PAYER,
    model: CalledModel = MODEL,
    status: CallStatus = "complete",
    usage: EngineUsage | None = None,
) -> ModelCall:
    said = usage or EngineUsage(input_tokens=INPUT, output_tokens=output_tokens)
    return ModelCall(request_id, "chat", payer, None, None, model, said, status, 1, 2)


@dataclass(frozen=True)
class Books:
    """What the database says. spent, held: the workspace's running sums of the month."""

    charged_pico: int
    rows: int
    spent_pico: int
    held_pico: int
    open_calls: int


@dataclass(frozen=True)
class Purse:
    """The database and the service over it."""

    database: Database
    reservations: ReservationService
    url: str

    def at(self, clock: Clock, zone: ZoneInfo = UTC) -> ReservationService:
        """The same at another time, or where days begin at another hour."""
        return ReservationService(self.database, zone, clock)

    async def allow(
        self,
        amount_pico: int,
        subject: BudgetSubject = BudgetSubject.WORKSPACE,
        subject_id: str = "",
        *,
        period: BudgetPeriod = BudgetPeriod.MONTH,
        is_hard: bool = True,
        currency: str = "USD",
    ) -> None:
        """Set a budget."""
        budget = Budget(
            id=new_id("bud_"),
            workspace_id=WORKSPACE,
            subject=subject.value,
            subject_id=subject_id,
            currency=currency,
            amount_pico=amount_pico,
            period=period.value,
            is_hard=is_hard,
            warn_percent=80,
            is_operators=False,
        )
        async with self.database.transaction() as tx:
            tx.add(budget)

    async def books(self) -> Books:
        queries = (
            "SELECT coalesce(sum(amount_pico), 0), count(*) FROM ledger",
            "SELECT coalesce(sum(spent_pico), 0), coalesce(sum(held_pico), 0) FROM spends"
            " WHERE subject = 'workspace' AND period = 'month'",
            "SELECT count(*) FROM reservations",
        )
        numbers: list[int] = []
        async with self.database.transaction() as tx:
            for query in queries:
                (row,) = await tx.execute(text(query))
                numbers += [int(each) for each in row]
        return Books(*numbers)

    async def run(self, statement: str, **values: str) -> None:
        """One statement, for what only time does."""
        async with self.database.transaction() as tx:
            await tx.execute(text(statement), values)


@asynccontextmanager
async def opened_purse(url: str) -> AsyncIterator[Purse]:
    """A workspace with a member, a key and an assistant, on a fresh database."""
    database = Database(url, pool_size=10)
    purse = Purse(database, ReservationService(database, UTC), url)
    await purse.run("INSERT INTO workspaces (id, name) VALUES (:id, 'W')", id=WORKSPACE)
    for member_id in (MEMBER, OTHER_MEMBER):
        await purse.run(
            "INSERT INTO members (id, email, name, password_hash, is_operator)"
            " VALUES (:id, :id || '@example.org', 'M', 'x', false)",
            id=member_id,
        )
    await purse.run(
        "INSERT INTO keys (id, secret_hash, prefix, name, scopes, member_id, workspace_id)"
        " VALUES (:id, 'h', 'sk-stoa-1', 'K', '{chat}', :member, :workspace)",
        id=KEY,
        member=MEMBER,
        workspace=WORKSPACE,
    )
    try:
        yield purse
    finally:
        await database.close()


def other_member(payer: Payer = PAYER) -> Payer:
    """Somebody else of the workspace."""
    return replace(payer, member_id=OTHER_MEMBER)


def clock_at(moment: datetime) -> Clock:
    """A clock that stands still."""
    return lambda: moment
