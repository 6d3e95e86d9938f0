"""Prices and limits."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEEP_ROWS = """
CREATE FUNCTION prices_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'prices: rows are only ever added' USING ERRCODE = '42501';
END
$$
"""
ONE_BY_ONE = """
CREATE TRIGGER prices_keep BEFORE UPDATE OR DELETE ON prices
FOR EACH ROW EXECUTE FUNCTION prices_keep()
"""
AT_ONCE = """
CREATE TRIGGER prices_keep_all BEFORE TRUNCATE ON prices
FOR EACH STATEMENT EXECUTE FUNCTION prices_keep()
"""


def upgrade() -> None:
    """What models cost from when on; limits that administrators set; tokens thought in."""
    op.create_table(
        "prices",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("input_pico", sa.BigInteger(), nullable=False),
        sa.Column("cached_input_pico", sa.BigInteger(), nullable=False),
        sa.Column("output_pico", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "input_pico >= 0 AND cached_input_pico >= 0 AND output_pico >= 0",
            name="ck_prices_not_negative",
        ),
        sa.ForeignKeyConstraint(["created_by"], ["members.id"], name="fk_prices_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_prices"),
    )
    op.create_index("ix_prices_model_valid_from", "prices", ["model", "valid_from"])
    op.execute(KEEP_ROWS)
    op.execute(ONE_BY_ONE)
    op.execute(AT_ONCE)
    op.create_table(
        "limits",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("requests_per_minute", sa.BigInteger(), nullable=False),
        sa.Column("tokens_per_minute", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "requests_per_minute > 0 AND tokens_per_minute > 0", name="ck_limits_above_nought"
        ),
        sa.PrimaryKeyConstraint("scope", "subject", name="pk_limits"),
    )
    op.add_column(
        "ledger",
        sa.Column("reasoning_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
