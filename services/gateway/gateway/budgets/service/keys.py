"""The budget a key is made with. Those who run the workspace change it later, as any other."""

from collections.abc import Collection

from contracts.budgets import WARN_PERCENT, BudgetPeriod, BudgetSubject, KeyBudget
from contracts.ids import new_id
from gateway.accounts.tables import Key
from gateway.budgets.repository import BudgetRepository
from gateway.budgets.tables import Budget
from gateway.db import Transaction
from gateway.money import money, pico


class KeyBudgets:
    """The port `KeyBounds` of accounts. Whoever may make a key may bound it."""

    def bound(self, tx: Transaction, key: Key, wanted: KeyBudget) -> None:
        """Give a new key its budget."""
        budget = Budget(
            id=new_id("bud_"),
            workspace_id=key.workspace_id,
            subject=BudgetSubject.KEY.value,
            subject_id=key.id,
            currency=wanted.currency,
            amount_pico=pico(wanted.amount),
            period=wanted.period.value,
            is_hard=wanted.hard,
            warn_percent=WARN_PERCENT,
            is_operators=False,
            created_at=key.created_at,
        )
        BudgetRepository(tx).add(budget)

    async def of_keys(self, tx: Transaction, keys: Collection[str]) -> dict[str, list[KeyBudget]]:
        """key id -> its standing budgets, also those set later."""
        found: dict[str, list[KeyBudget]] = {}
        for budget in await BudgetRepository(tx).of_keys(keys):
            shown = KeyBudget(
                amount=money(int(budget.amount_pico)),
                currency=budget.currency,
                period=BudgetPeriod(budget.period),
                hard=budget.is_hard,
            )
            found.setdefault(budget.subject_id, []).append(shown)
        return found
