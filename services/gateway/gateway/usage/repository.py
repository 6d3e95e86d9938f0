"""Reads and appends ledger rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from gateway.accounts.tables import Member
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.usage.rules import Grouping, View
from gateway.usage.tables import LedgerEntry

MOST_GROUPS = 1000

_DAY = func.to_char(func.timezone("UTC", LedgerEntry.created_at), "YYYY-MM-DD")
_COLUMN: dict[Grouping, ColumnElement[Any]] = {
    Grouping.MEMBER: LedgerEntry.member_id.expression,
    Grouping.ASSISTANT: LedgerEntry.assistant_id.expression,
    Grouping.MODEL: LedgerEntry.model.expression,
    Grouping.KEY: LedgerEntry.key_id.expression,
    Grouping.DAY: _DAY,
}


@dataclass(frozen=True)
class Sums:
    """What the rows of one group add up to."""

    group: dict[Grouping, str | None]
    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    amount_pico: int
    currency: str


class LedgerRepository:
    """The ledger inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def append(self, row: dict[str, Any]) -> None:
        """Write a row, unless its request is already there."""
        await self._tx.execute(
            insert(LedgerEntry).values(row).on_conflict_do_nothing(index_elements=["request_id"])
        )

    async def sums(
        self,
        view: View,
        groups: Sequence[Grouping],
        since: datetime | None,
        until: datetime | None,
    ) -> list[Sums]:
        """Sums by group and currency: amounts of different currencies are never added."""
        columns = [_COLUMN[group] for group in groups]
        query: Select[Any] = select(
            *columns,
            LedgerEntry.currency,
            func.count(),
            func.sum(LedgerEntry.input_tokens),
            func.sum(LedgerEntry.cached_tokens),
            func.sum(LedgerEntry.output_tokens),
            func.sum(LedgerEntry.amount_pico),
        )
        query = _seen_by(query, view)
        if since is not None:
            query = query.where(LedgerEntry.created_at >= since)
        if until is not None:
            query = query.where(LedgerEntry.created_at < until)
        keys = [*columns, LedgerEntry.currency]
        query = query.group_by(*keys).order_by(*keys).limit(MOST_GROUPS)
        return [_sums(groups, tuple(row)) for row in await self._tx.execute(query)]

    async def page(self, view: View, page: PageRequest) -> Rows[LedgerEntry]:
        """Single rows."""
        query = _seen_by(select(LedgerEntry), view)
        return await fetch_page(self._tx, query, LedgerEntry.id, page)

    async def of_request(self, request_id: str) -> LedgerEntry | None:
        """The row of one call, for whoever may see what was called."""
        return await self._tx.scalar(
            select(LedgerEntry).where(LedgerEntry.request_id == request_id)
        )

    async def member_names(self, member_ids: Sequence[str]) -> dict[str, str]:
        """member id -> name."""
        query = select(Member.id, Member.name).where(Member.id.in_(member_ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def assistant_names(self, assistant_ids: Sequence[str]) -> dict[str, str]:
        """assistant id -> its published name, deleted or not; its draft's if it has no other.

        A draft is its workspace's own affair, and a row may be about a public assistant.
        """
        published = AssistantVersion.definition["name"].astext
        query = (
            select(Assistant.id, func.coalesce(published, Assistant.draft["name"].astext))
            .outerjoin(
                AssistantVersion,
                (AssistantVersion.assistant_id == Assistant.id)
                & (AssistantVersion.version == Assistant.published_version),
            )
            .where(Assistant.id.in_(assistant_ids))
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}


def _seen_by(query: Select[Any], view: View) -> Select[Any]:
    if view.workspace_id is not None:
        query = query.where(LedgerEntry.workspace_id == view.workspace_id)
    if view.member_id is not None:
        query = query.where(LedgerEntry.member_id == view.member_id)
    return query


def _sums(groups: Sequence[Grouping], row: tuple[Any, ...]) -> Sums:
    keys, rest = row[: len(groups)], row[len(groups) :]
    currency, requests, input_tokens, cached_tokens, output_tokens, amount = rest
    return Sums(
        group=dict(zip(groups, keys, strict=True)),
        requests=requests,
        # PostgreSQL sums integers as NUMERIC; each of these is whole.
        input_tokens=int(input_tokens),
        cached_tokens=int(cached_tokens),
        output_tokens=int(output_tokens),
        amount_pico=int(amount),
        currency=currency,
    )
