"""Ledger rows one by one: a page, a batch of an export, a single one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, tuple_

from gateway.db import Transaction
from gateway.paging import PageRequest, Rows
from gateway.reporting.repository.facts import calls_of, within
from gateway.reporting.rules.views import Question
from gateway.usage.tables import LedgerEntry

_ORDER: ColumnElement[Any] = tuple_(LedgerEntry.created_at, LedgerEntry.id)
"""The indexes are by time; an id tells rows of one moment apart."""


class EntryRepository:
    """Ledger rows inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def page(self, question: Question, page: PageRequest) -> Rows[LedgerEntry]:
        """One page; its cursors are ids of rows."""
        is_ascending = page.order == "asc"
        is_backwards = page.before is not None and page.after is None
        query = _asked(question)
        if page.after is not None:
            after = _cursor(question, str(page.after))
            query = query.where(after < _ORDER if is_ascending else after > _ORDER)
        if page.before is not None:
            before = _cursor(question, str(page.before))
            query = query.where(before > _ORDER if is_ascending else before < _ORDER)
        query = _ordered(query, reads_up=is_ascending != is_backwards).limit(page.limit + 1)
        found = list(await self._tx.scalars(query))
        rows = found[: page.limit]
        if is_backwards:
            rows.reverse()
        return Rows(rows, has_more=len(found) > page.limit)

    async def batch(
        self, question: Question, after: LedgerEntry | None, most: int
    ) -> Sequence[LedgerEntry]:
        """The rows that follow one, the latest first."""
        query = _asked(question)
        if after is not None:
            query = query.where(tuple_(after.created_at, after.id) > _ORDER)
        return list(await self._tx.scalars(_ordered(query, reads_up=False).limit(most)))

    async def find(self, question: Question, entry_id: str) -> LedgerEntry | None:
        """The row of this id, if it is one of those asked about."""
        return await self._tx.scalar(_asked(question).where(LedgerEntry.id == entry_id))


def _asked(question: Question) -> Select[LedgerEntry]:
    is_then = within(LedgerEntry.created_at, question.period)
    return select(LedgerEntry).where(calls_of(question), is_then)


def _ordered(query: Select[LedgerEntry], *, reads_up: bool) -> Select[LedgerEntry]:
    columns = (LedgerEntry.created_at, LedgerEntry.id)
    return query.order_by(*(column.asc() if reads_up else column.desc() for column in columns))


def _cursor(question: Question, entry_id: str) -> ColumnElement[Any]:
    """Where a row stands, if it is one of those asked about; else nowhere, and nothing follows."""
    at = select(LedgerEntry.created_at).where(calls_of(question), LedgerEntry.id == entry_id)
    return tuple_(at.scalar_subquery(), literal(entry_id))
