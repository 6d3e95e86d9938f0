"""Reads and appends prices."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from gateway.accounts.tables import Member
from gateway.db import Transaction
from gateway.prices.tables import Price

MOST_PRICES = 1_000


class PriceRepository:
    """Prices inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, price: Price) -> None:
        """Append a price."""
        self._tx.add(price)

    async def from_now_on(self, now: datetime, model: str | None = None) -> list[Price]:
        """Of every model (or one) what counts now and what will, the earliest first."""
        current = (
            select(Price)
            .where(Price.valid_from <= now)
            .ext(distinct_on(Price.model))
            .order_by(Price.model, Price.valid_from.desc(), Price.id.desc())
        )
        upcoming = select(Price).where(Price.valid_from > now).order_by(Price.valid_from, Price.id)
        if model is not None:
            current, upcoming = (query.where(Price.model == model) for query in (current, upcoming))
        return [*await self._tx.scalars(current), *await self._tx.scalars(upcoming)]

    async def all(self, model: str | None) -> list[Price]:
        """The latest rows, of one model or of all; one more than a list shows."""
        query = select(Price).order_by(Price.valid_from.desc(), Price.id.desc())
        if model is not None:
            query = query.where(Price.model == model)
        return list(await self._tx.scalars(query.limit(MOST_PRICES + 1)))

    async def knows(self, model: str) -> bool:
        """Whether a model of this very name had a price before."""
        query = select(Price.id).where(Price.model == model).limit(1)
        return await self._tx.scalar(query) is not None

    async def member_names(self, member_ids: Sequence[str]) -> dict[str, str]:
        """member id -> name."""
        query = select(Member.id, Member.name).where(Member.id.in_(set(member_ids)))
        return {row[0]: row[1] for row in await self._tx.execute(query)}
