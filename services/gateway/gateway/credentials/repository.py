"""Finds and uses up tickets."""

from datetime import datetime

from sqlalchemy import select, update

from gateway.credentials.rules import Purpose
from gateway.credentials.tables import Ticket
from gateway.db import Transaction


class TicketRepository:
    """Tickets inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, ticket: Ticket) -> None:
        """Make it part of this transaction."""
        self._tx.add(ticket)

    async def is_open(self, hashed: str, purpose: Purpose, now: datetime) -> bool:
        """Whether a token could be used now."""
        query = select(Ticket.id).where(
            Ticket.token_hash == hashed,
            Ticket.purpose == purpose.value,
            Ticket.used_at.is_(None),
            Ticket.expires_at > now,
        )
        return await self._tx.scalar(query) is not None

    async def use(self, hashed: str, purpose: Purpose, now: datetime) -> Ticket | None:
        """Use up a ticket. Of callers at the same moment only one gets it."""
        return await self._tx.scalar(
            update(Ticket)
            .where(
                Ticket.token_hash == hashed,
                Ticket.purpose == purpose.value,
                Ticket.used_at.is_(None),
                Ticket.expires_at > now,
            )
            .values(used_at=now)
            .returning(Ticket)
        )

    async def void(self, member_id: str, now: datetime, purpose: Purpose | None = None) -> None:
        """A member's open tickets, of one purpose or all, open nothing any more."""
        change = update(Ticket).where(Ticket.member_id == member_id, Ticket.used_at.is_(None))
        if purpose is not None:
            change = change.where(Ticket.purpose == purpose.value)
        await self._tx.execute(change.values(used_at=now))
