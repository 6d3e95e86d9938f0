"""Reservations, inside one transaction. Their time is the database's: processes' clocks differ."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Text, cast, column, delete, func, select, update
from sqlalchemy import values as table_of

from contracts.generation import EngineUsage
from gateway.db import Transaction
from gateway.reservations.rules import PlannedCall
from gateway.reservations.tables import Reservation


class ReservationRepository:
    """Calls under way."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, call: PlannedCall, began: datetime) -> None:
        """Hold a call that begins."""
        payer, model, price = call.payer, call.model, call.model.price
        self._tx.add(
            Reservation(
                request_id=call.request_id,
                purpose=call.purpose,
                workspace_id=payer.workspace_id,
                member_id=payer.member_id,
                assistant_id=payer.assistant_id,
                assistant_version=call.assistant_version,
                key_id=payer.key_id,
                conversation_id=call.conversation_id,
                model=model.id,
                engine=model.engine,
                currency=model.currency,
                price_input_pico=price.input_pico,
                price_cached_input_pico=price.cached_input_pico,
                price_output_pico=price.output_pico,
                prompt_tokens=call.prompt_tokens,
                amount_pico=call.amount_pico,
                created_at=began,
                renewed_at=func.now(),
            )
        )

    async def take(self, request_id: str) -> Reservation | None:
        """Take a reservation away, to settle it; None: there is none, or somebody else did."""
        query = delete(Reservation).where(Reservation.request_id == request_id)
        return await self._tx.scalar(query.returning(Reservation))

    async def renew(self, used: Mapping[str, EngineUsage | None]) -> set[str]:
        """Say that these calls go on, and what they used so far; the ids that are still there."""
        rows = [
            (each, usage.input_tokens, usage.cached_tokens, usage.output_tokens)
            if usage is not None
            else (each, None, None, None)
            for each, usage in used.items()
        ]
        noted = table_of(
            column("request_id", Text),
            column("used_input", BigInteger),
            column("used_cached", BigInteger),
            column("used_output", BigInteger),
            name="noted",
        ).data(rows)
        query = (
            update(Reservation)
            .where(Reservation.request_id == noted.c.request_id)
            .values(
                renewed_at=func.now(),
                used_input_tokens=cast(noted.c.used_input, BigInteger),
                used_cached_tokens=cast(noted.c.used_cached, BigInteger),
                used_output_tokens=cast(noted.c.used_output, BigInteger),
            )
            .returning(Reservation.request_id)
            .execution_options(synchronize_session=False)
        )
        return set(await self._tx.scalars(query))

    async def take_abandoned(self, seconds: float) -> Reservation | None:
        """Take away the oldest call that nobody has renewed for so long; None: there is none.
        Other sweepers take others."""
        age = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        oldest = (
            select(Reservation.request_id)
            .where(Reservation.renewed_at < func.now() - age)
            .order_by(Reservation.renewed_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        query = delete(Reservation).where(Reservation.request_id == oldest).returning(Reservation)
        return await self._tx.scalar(query)
