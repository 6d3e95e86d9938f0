"""Holds calls against budgets, inside the transaction that reserves or settles them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.budgets import BudgetPeriod
from gateway.budgets.errors import BudgetReached
from gateway.budgets.repository import BudgetRepository, SpendRepository, Starts
from gateway.budgets.rules import Bounding, bounding, ends_at, passed, reached_words, starts_on
from gateway.db import Transaction
from gateway.payer import Payer


class Treasury:
    """The sums and budgets of one transaction. zone: where days and months begin."""

    def __init__(self, tx: Transaction, zone: ZoneInfo) -> None:
        self._spends = SpendRepository(tx)
        self._budgets = BudgetRepository(tx)
        self._zone = zone

    async def hold(self, payer: Payer, currency: str, amount_pico: int, moment: datetime) -> None:
        """Hold an amount for a call that begins now. Raises BudgetReached, and then the
        transaction must not commit."""
        starts = self._starts(moment)
        # The sums are locked from here on, so that of two calls one sees what the other holds.
        totals = await self._spends.add(
            payer, currency, starts, spent_pico=0, held_pico=amount_pico
        )
        bounds = bounding(payer, await self._budgets.standing(payer.workspace_id))
        if (budget := passed(bounds, totals, currency, amount_pico)) is not None:
            raise self._reached(budget, starts, currency)

    async def check(self, payer: Payer, currency: str, moment: datetime) -> None:
        """Whether anything at all may be spent now. Raises BudgetReached."""
        starts = self._starts(moment)
        bounds = bounding(payer, await self._budgets.standing(payer.workspace_id))
        if not any(budget.is_hard for budget, _ in bounds):
            return
        totals = await self._spends.totals(payer, currency, starts)
        least = {of: total + 1 for of, total in totals.items()}
        if (budget := passed(bounds, least, currency, 1)) is not None:
            raise self._reached(budget, starts, currency)

    async def settle(
        self, payer: Payer, currency: str, began: datetime, *, held_pico: int, spent_pico: int
    ) -> None:
        """Turn what was held since `began` into what was spent."""
        starts = self._starts(began)
        await self._spends.add(payer, currency, starts, spent_pico=spent_pico, held_pico=-held_pico)

    def _starts(self, moment: datetime) -> Starts:
        return {period: starts_on(moment, period, self._zone) for period in BudgetPeriod}

    def _reached(self, budget: Bounding, starts: Starts, currency: str) -> BudgetReached:
        resets = ends_at(starts[budget.period], budget.period, self._zone)
        return BudgetReached(reached_words(budget, resets, currency))
