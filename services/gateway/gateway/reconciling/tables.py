"""Reconciliations, each written once."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Reconciliation(Identified, Record):
    """One look at the books. night: the day whose nightly one it is; there is one of each.

    engines, findings: contracts.reconciling. turns_until: up to when turns were looked at.
    """

    __tablename__ = "reconciliations"

    night: Mapped[str | None] = mapped_column(unique=True)
    member_id: Mapped[str | None]
    turns_since: Mapped[datetime | None]
    turns_until: Mapped[datetime]
    verdict: Mapped[str]
    engines: Mapped[list[Any]] = mapped_column(JSONB)
    findings: Mapped[list[Any]] = mapped_column(JSONB)
    finding_count: Mapped[int]
