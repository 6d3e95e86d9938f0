"""Prices as they were set: rows are added and never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Price(Identified, Record):
    """What a model's tokens cost from `valid_from` on, in pico-units (10⁻¹²) a token.

    Six decimals of a price per million tokens are whole pico-units.
    """

    __tablename__ = "prices"
    __table_args__ = (
        CheckConstraint(
            "input_pico >= 0 AND cached_input_pico >= 0 AND output_pico >= 0", name="not_negative"
        ),
        Index("ix_prices_model_valid_from", "model", "valid_from"),
    )

    model: Mapped[str]
    currency: Mapped[str]
    input_pico: Mapped[int]
    cached_input_pico: Mapped[int]
    output_pico: Mapped[int]
    valid_from: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(ForeignKey("members.id"))
