"""Budgets: what may be spent in a day or a month, by whom and through what."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Money = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,12})?$", max_length=25)]
"""A plain decimal, as money is written everywhere on the API."""
WARN_PERCENT = 80
"""The share of a budget to warn at, where nobody says another."""


class BudgetSubject(StrEnum):
    """Whose spending a budget bounds, always within the workspace that pays.

    each_member, each_guest: every one of them who has no budget of their own, each by themselves:
    the free allowance of new members and of guests.
    """

    WORKSPACE = "workspace"
    MEMBER = "member"
    ASSISTANT = "assistant"
    KEY = "key"
    EACH_MEMBER = "each_member"
    EACH_GUEST = "each_guest"


class BudgetPeriod(StrEnum):
    """Begins at midnight of the installation's time zone: each day, or on the first of a month."""

    DAY = "day"
    MONTH = "month"


class BudgetState(StrEnum):
    """near: the share to warn at is spent. reached: nothing is left."""

    OPEN = "open"
    NEAR = "near"
    REACHED = "reached"


class BudgetCreate(BaseModel):
    """A new budget. hard: a call that could pass it is refused; else it only warns.

    workspace_id: operators may name another one than their own.
    """

    model_config = ConfigDict(extra="forbid")

    subject: BudgetSubject
    subject_id: str | None = Field(default=None, min_length=1, max_length=100)
    amount: Money
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    period: BudgetPeriod
    hard: bool = True
    warn_percent: int = Field(default=WARN_PERCENT, ge=1, le=100)
    workspace_id: str | None = Field(default=None, min_length=1, max_length=100)


class KeyBudget(BaseModel):
    """What a key may spend. hard: a call that could pass it is refused; else it only warns."""

    model_config = ConfigDict(extra="forbid")

    amount: Money
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    period: BudgetPeriod
    hard: bool = True


class BudgetModify(BaseModel):
    """What may be changed. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    amount: Money | None = None
    hard: bool | None = None
    warn_percent: int | None = Field(default=None, ge=1, le=100)


class BudgetView(BaseModel):
    """A budget and where it stands. remaining is never below 0; held: for calls under way.

    Of a budget of each member or guest, spent is that of whoever spent most.
    """

    id: str
    object: Literal["budget"] = "budget"
    created_at: int
    workspace_id: str
    subject: BudgetSubject
    subject_id: str | None
    subject_name: str | None
    amount: str
    currency: str
    period: BudgetPeriod
    hard: bool
    warn_percent: int
    by_operator: bool
    spent: str
    held: str
    remaining: str
    state: BudgetState
    resets_at: int
