"""Budgets and running sums, inside one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Numeric,
    Select,
    Text,
    bindparam,
    func,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from contracts.accounts import Power
from contracts.budgets import BudgetPeriod, BudgetSubject
from gateway.accounts.tables import Key, Member, Membership, Workspace
from gateway.assistants.tables import Assistant
from gateway.budgets.rules import Bounding, Sum, sums_of
from gateway.budgets.tables import Budget, Spend
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.payer import Payer

Starts = Mapping[BudgetPeriod, date]
"""The first day of each period that something counts in."""


@dataclass(frozen=True)
class Spent:
    """What was spent, and what is held for calls under way."""

    spent_pico: int = 0
    held_pico: int = 0


@dataclass(frozen=True)
class SubjectSum:
    """Whose sum, of what period. subject_id None: any of them."""

    workspace_id: str
    subject: BudgetSubject
    subject_id: str | None
    period: BudgetPeriod
    starts_on: date
    currency: str


_SUM = ["workspace_id", "subject", "subject_id", "period", "starts_on", "currency"]


def _adding() -> ReturningInsert[str, str, str, int]:
    """One statement for any number of sums: made anew each time, it took longer than its run."""
    given = func.unnest(
        bindparam("subjects", type_=ARRAY(Text)),
        bindparam("subject_ids", type_=ARRAY(Text)),
        bindparam("periods", type_=ARRAY(Text)),
        bindparam("first_days", type_=ARRAY(Date)),
    ).table_valued("subject", "subject_id", "period", "starts_on")
    given = given.render_derived(name="given")
    rows = select(
        bindparam("workspace", type_=Text),
        given.c.subject,
        given.c.subject_id,
        given.c.period,
        given.c.starts_on,
        bindparam("in_currency", type_=Text),
        bindparam("spent", type_=Numeric(38, 0)),
        bindparam("held", type_=Numeric(38, 0)),
    )
    table = Spend.metadata.tables[Spend.__tablename__]
    sums = table.c
    adding = insert(table).from_select([*_SUM, "spent_pico", "held_pico"], rows)
    adding = adding.on_conflict_do_update(
        index_elements=_SUM,
        set_={
            "spent_pico": sums.spent_pico + adding.excluded.spent_pico,
            "held_pico": sums.held_pico + adding.excluded.held_pico,
        },
    )
    total = (sums.spent_pico + sums.held_pico).label("total")
    return adding.returning(sums.subject, sums.subject_id, sums.period, total)


_ADD = _adding()


class SpendRepository:
    """The running sums. Rows are locked in the order of `sums_of`, so that no two calls wait for
    each other."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(
        self, payer: Payer, currency: str, starts: Starts, *, spent_pico: int, held_pico: int
    ) -> dict[Sum, int]:
        """Add to every sum of the payer, below 0 too; what each is then, with what it holds."""
        sums = sums_of(payer)
        amounts = {
            "workspace": payer.workspace_id,
            "subjects": [of.subject.value for of in sums],
            "subject_ids": [of.subject_id for of in sums],
            "periods": [of.period.value for of in sums],
            "first_days": [starts[of.period] for of in sums],
            "in_currency": currency,
            "spent": spent_pico,
            "held": held_pico,
        }
        return {
            Sum(BudgetSubject(row[0]), row[1], BudgetPeriod(row[2])): int(row[3])
            for row in await self._tx.execute(_ADD, amounts)
        }

    async def of_subject(self, wanted: SubjectSum) -> Spent:
        """What one subject has spent and holds."""
        query = select(Spend.spent_pico, Spend.held_pico).where(*_is(wanted))
        found = (await self._tx.execute(query)).first()
        return Spent() if found is None else Spent(int(found[0]), int(found[1]))

    async def of_dearest(self, wanted: SubjectSum, *, are_guests: bool) -> Spent:
        """The same of whichever guest, or other member, has spent and holds most."""
        is_guest = Membership.power == Power.GUEST
        among = select(Membership.member_id).where(
            Membership.workspace_id == wanted.workspace_id, is_guest if are_guests else ~is_guest
        )
        query = (
            select(Spend.spent_pico, Spend.held_pico)
            .where(*_is(replace(wanted, subject_id=None)), Spend.subject_id.in_(among))
            .order_by((Spend.spent_pico + Spend.held_pico).desc())
            .limit(1)
        )
        found = (await self._tx.execute(query)).first()
        return Spent() if found is None else Spent(int(found[0]), int(found[1]))

    async def totals(self, payer: Payer, currency: str, starts: Starts) -> dict[Sum, int]:
        """Spent and held of every sum of the payer."""
        sums = sums_of(payer)
        wanted = [(of.subject, of.subject_id, of.period, starts[of.period]) for of in sums]
        query = select(Spend).where(
            Spend.workspace_id == payer.workspace_id,
            Spend.currency == currency,
            tuple_(Spend.subject, Spend.subject_id, Spend.period, Spend.starts_on).in_(wanted),
        )
        found = {
            Sum(BudgetSubject(row.subject), row.subject_id, BudgetPeriod(row.period)): int(
                row.spent_pico + row.held_pico
            )
            for row in await self._tx.scalars(query)
        }
        return {of: found.get(of, 0) for of in sums}


class BudgetRepository:
    """The budgets."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def standing(self, workspace_id: str) -> list[Bounding]:
        """The budgets of a workspace that count now."""
        query = (
            select(Budget)
            .where(Budget.workspace_id == workspace_id, Budget.ended_at.is_(None))
            .order_by(Budget.id)
        )
        return [_bounding(row) for row in await self._tx.scalars(query)]

    def add(self, budget: Budget) -> None:
        """Make it part of this transaction."""
        self._tx.add(budget)

    async def is_taken(self, budget: Budget) -> bool:
        """Whether its subject has one for this period already. Whoever asks sets it in turn."""
        name = f"budgets {budget.workspace_id}"
        lock = func.pg_advisory_xact_lock(func.hashtextextended(name, 0))
        await self._tx.execute(select(lock))
        query = select(Budget.id).where(
            Budget.workspace_id == budget.workspace_id,
            Budget.subject == budget.subject,
            Budget.subject_id == budget.subject_id,
            Budget.period == budget.period,
            Budget.is_operators == budget.is_operators,
            Budget.ended_at.is_(None),
        )
        return await self._tx.scalar(query) is not None

    async def of_keys(self, keys: Collection[str]) -> Sequence[Budget]:
        """The standing budgets of these keys."""
        query = (
            select(Budget)
            .where(
                Budget.subject == BudgetSubject.KEY.value,
                Budget.subject_id.in_(keys),
                Budget.ended_at.is_(None),
            )
            .order_by(Budget.id)
        )
        return (await self._tx.scalars(query)).all()

    async def find(self, budget_id: str) -> Budget | None:
        """A standing budget, held until the commit."""
        query = select(Budget).where(Budget.id == budget_id, Budget.ended_at.is_(None))
        return await self._tx.scalar(query.with_for_update())

    async def page(self, workspace_id: str | None, page: PageRequest) -> Rows[Budget]:
        """Standing budgets, of one workspace or of all."""
        query = select(Budget).where(Budget.ended_at.is_(None))
        if workspace_id is not None:
            query = query.where(Budget.workspace_id == workspace_id)
        return await fetch_page(self._tx, query, Budget.id, page)

    async def is_there(self, workspace_id: str, subject: BudgetSubject, subject_id: str) -> bool:
        """Whether the workspace exists and has such a member, assistant or key."""
        queries: dict[BudgetSubject, Select[str]] = {
            BudgetSubject.MEMBER: select(Membership.member_id).where(
                Membership.workspace_id == workspace_id, Membership.member_id == subject_id
            ),
            BudgetSubject.ASSISTANT: select(Assistant.id).where(
                Assistant.workspace_id == workspace_id, Assistant.id == subject_id
            ),
            BudgetSubject.KEY: select(Key.id).where(
                Key.workspace_id == workspace_id, Key.id == subject_id
            ),
        }
        query = queries.get(subject, select(Workspace.id).where(Workspace.id == workspace_id))
        return await self._tx.scalar(query) is not None

    async def names(self, ids: Collection[str]) -> dict[str, str]:
        """id -> name, of members, assistants' drafts and keys."""
        named = union_all(
            select(Member.id, Member.name).where(Member.id.in_(ids)),
            select(Assistant.id, Assistant.draft["name"].astext).where(Assistant.id.in_(ids)),
            select(Key.id, Key.name).where(Key.id.in_(ids)),
        )
        return {row[0]: row[1] for row in await self._tx.execute(named)}


def _is(wanted: SubjectSum) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Spend.workspace_id == wanted.workspace_id,
        Spend.subject == wanted.subject.value,
        Spend.period == wanted.period.value,
        Spend.starts_on == wanted.starts_on,
        Spend.currency == wanted.currency,
    ]
    if wanted.subject_id is not None:
        conditions.append(Spend.subject_id == wanted.subject_id)
    return conditions


def _bounding(row: Budget) -> Bounding:
    return Bounding(
        id=row.id,
        subject=BudgetSubject(row.subject),
        subject_id=row.subject_id,
        currency=row.currency,
        amount_pico=int(row.amount_pico),
        period=BudgetPeriod(row.period),
        is_hard=row.is_hard,
    )
