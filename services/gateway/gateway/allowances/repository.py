"""Counts what is given away, so that answers begun at once never pass a bound."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from gateway.allowances.rules import Bound
from gateway.allowances.tables import Allowance
from gateway.db import Transaction


class AllowanceRepository:
    """Allowances of one day inside one transaction."""

    def __init__(self, tx: Transaction, day: date) -> None:
        self._tx = tx
        self._day = day

    async def take(self, bound: Bound) -> bool:
        """Count one answer; False: there is none left, and nothing was counted."""
        row = insert(Allowance).values(day=self._day, subject=bound.subject, answers=1)
        taken = row.on_conflict_do_update(
            index_elements=["day", "subject"],
            set_={"answers": Allowance.answers + 1},
            where=Allowance.answers < bound.most,
        ).returning(Allowance.answers)
        return await self._tx.scalar(taken) is not None

    async def given(self, bounds: Sequence[Bound]) -> dict[str, int]:
        """subject -> how many answers it got."""
        query = select(Allowance.subject, Allowance.answers).where(
            Allowance.day == self._day, Allowance.subject.in_([each.subject for each in bounds])
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def forget_former(self) -> None:
        """Days that are over bound nobody."""
        await self._tx.execute(delete(Allowance).where(Allowance.day < self._day))
