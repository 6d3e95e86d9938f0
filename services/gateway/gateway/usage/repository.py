"""Reads and appends ledger rows."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gateway.db import Transaction
from gateway.usage.tables import LedgerEntry


class LedgerRepository:
    """The ledger inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def append(self, row: dict[str, Any]) -> bool:
        """Write a row, unless its request is already there. Whether it was written."""
        once = insert(LedgerEntry).values(row)
        once = once.on_conflict_do_nothing(index_elements=["request_id"])
        return await self._tx.scalar(once.returning(LedgerEntry.id)) is not None

    async def get(self, entry_id: str) -> LedgerEntry | None:
        """One row, for whoever corrects it."""
        return await self._tx.get(LedgerEntry, entry_id)

    async def of_requests(self, request_ids: Collection[str]) -> dict[str, LedgerEntry]:
        """request id -> its call's row, of those that were charged."""
        query = select(LedgerEntry).where(LedgerEntry.request_id.in_(request_ids))
        return {row.request_id: row for row in await self._tx.scalars(query)}

    async def of_request(self, request_id: str) -> LedgerEntry | None:
        """The row of one call, for whoever may see what was called."""
        return await self._tx.scalar(
            select(LedgerEntry).where(LedgerEntry.request_id == request_id)
        )
