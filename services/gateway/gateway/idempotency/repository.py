"""Claims and answers by idempotency key."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from gateway.db import Transaction
from gateway.idempotency.tables import IdempotentRequest

SWEEP_LIMIT = 1_000


class Claim(NamedTuple):
    """The right to answer a request, until its lease ends or the answer is kept."""

    entry_id: str
    name: str


class IdempotencyRepository:
    """Entries inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def claim(
        self, claim: Claim, now: datetime, lease_until: datetime, expires_at: datetime
    ) -> bool:
        """Take an entry that is new, given up or too old. One statement: only one caller wins."""
        row = {
            "claim": claim.name,
            "lease_until": lease_until,
            "expires_at": expires_at,
            "fingerprint": None,
            "answer": None,
            "created_at": now,
        }
        is_given_up = and_(IdempotentRequest.answer.is_(None), IdempotentRequest.lease_until <= now)
        query = (
            insert(IdempotentRequest)
            .values(id=claim.entry_id, **row)
            .on_conflict_do_update(
                index_elements=["id"],
                set_=row,
                where=or_(is_given_up, IdempotentRequest.expires_at <= now),
            )
            .returning(IdempotentRequest.id)
        )
        return await self._tx.scalar(query) is not None

    async def find(self, entry_id: str) -> IdempotentRequest | None:
        """The entry."""
        query = select(IdempotentRequest).where(IdempotentRequest.id == entry_id)
        return await self._tx.scalar(query)

    async def renew(self, claim: Claim, lease_until: datetime) -> None:
        """The request is still being answered."""
        await self._tx.execute(
            update(IdempotentRequest).where(*_held(claim)).values(lease_until=lease_until)
        )

    async def keep(self, claim: Claim, fingerprint: str, answer: bytes) -> None:
        """The answer, unless somebody else has taken the entry over."""
        await self._tx.execute(
            update(IdempotentRequest)
            .where(*_held(claim))
            .values(fingerprint=fingerprint, answer=answer)
        )

    async def release(self, claim: Claim) -> None:
        """Forget a request whose answer is not kept."""
        await self._tx.execute(delete(IdempotentRequest).where(*_held(claim)))

    async def forget_old(self, now: datetime) -> None:
        """Forget what was kept long enough."""
        old = select(IdempotentRequest.id).where(IdempotentRequest.expires_at <= now)
        await self._tx.execute(
            delete(IdempotentRequest).where(IdempotentRequest.id.in_(old.limit(SWEEP_LIMIT)))
        )


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        IdempotentRequest.id == claim.entry_id,
        IdempotentRequest.claim == claim.name,
        IdempotentRequest.answer.is_(None),
    )
