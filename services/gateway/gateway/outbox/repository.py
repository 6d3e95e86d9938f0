"""Writes and reads waiting messages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from gateway.db import Transaction
from gateway.outbox.tables import OutboxMessage


class OutboxRepository:
    """The outbox inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, message: OutboxMessage) -> None:
        """Make it part of this transaction."""
        self._tx.add(message)

    async def due(self, now: datetime, limit: int) -> Sequence[OutboxMessage]:
        """Messages that may leave, held so that no other relay sends them meanwhile."""
        query = (
            select(OutboxMessage)
            .where(OutboxMessage.sent_at.is_(None), OutboxMessage.not_before <= now)
            .order_by(OutboxMessage.not_before, OutboxMessage.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await self._tx.scalars(query)).all()

    async def count_due(self, now: datetime) -> int:
        """How many messages may leave and have not."""
        query = select(func.count()).where(
            OutboxMessage.sent_at.is_(None), OutboxMessage.not_before <= now
        )
        return await self._tx.scalar(query) or 0

    async def forget_sent(self, before: datetime) -> None:
        """Remove what was sent long ago."""
        await self._tx.execute(delete(OutboxMessage).where(OutboxMessage.sent_at < before))
