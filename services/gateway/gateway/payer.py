"""Who pays for a call, and in whose sums it counts."""

from dataclasses import dataclass

from contracts.accounts import Power
from contracts.budgets import BudgetSubject


@dataclass(frozen=True)
class Payer:
    """Who pays for a call, and through what. power None: not known any more (a late settling)."""

    workspace_id: str
    member_id: str | None
    assistant_id: str | None
    key_id: str | None
    power: Power | None = None

    def subjects(self) -> tuple[tuple[BudgetSubject, str], ...]:
        """Everybody and everything in whose sums the call counts."""
        named = (
            (BudgetSubject.ASSISTANT, self.assistant_id),
            (BudgetSubject.KEY, self.key_id),
            (BudgetSubject.MEMBER, self.member_id),
        )
        return ((BudgetSubject.WORKSPACE, ""), *((kind, each) for kind, each in named if each))
