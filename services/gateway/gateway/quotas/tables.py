"""Limits that administrators set, over those of the settings."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Record


class Limit(Record):
    """How much one key, member, workspace or client address may ask for in a minute.

    subject: quotas.rules.EVERYBODY where no other limit of the scope is set.
    """

    __tablename__ = "limits"
    __table_args__ = (
        CheckConstraint("requests_per_minute > 0 AND tokens_per_minute > 0", name="above_nought"),
    )

    scope: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    requests_per_minute: Mapped[int]
    tokens_per_minute: Mapped[int]
    updated_at: Mapped[datetime]
