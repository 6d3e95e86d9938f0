"""What was given away on a day."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Record


class Allowance(Record):
    """How many answers somebody got on a day (UTC). subject: allowances.rules.Bound."""

    __tablename__ = "allowances"

    day: Mapped[date] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    answers: Mapped[int]
