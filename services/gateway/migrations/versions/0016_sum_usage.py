"""Sum usage."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# In the transaction of the rows themselves: what is committed is in the queue, once.
QUEUE_ROWS = """
CREATE FUNCTION ledger_to_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_pending (entry_id) SELECT id FROM written;
    RETURN NULL;
END
$$
"""
AFTER_INSERT = """
CREATE TRIGGER ledger_to_sum AFTER INSERT ON ledger REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION ledger_to_sum()
"""
# Every page of figures reads the queue, and all its rows leave it: by a share of its size the
# database would sweep it too late.
SWEEP_QUEUE = """
ALTER TABLE usage_pending SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000
)
"""
FILTERED = ("member_id", "assistant_id")
SELDOM = ("key_id", "conversation_id")


def upgrade() -> None:
    """Roll-ups of the ledger. The gateways add up the rows there are, a batch at a time."""
    op.create_table(
        "usage_pending",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_usage_pending"),
    )
    op.execute(SWEEP_QUEUE)
    _make_sums()
    _make_first_tokens()
    _make_active_days()
    op.create_index("ix_ledger_created_at", "ledger", ["created_at"])
    for name in FILTERED:
        op.create_index(f"ix_ledger_{name}_created_at", "ledger", [name, "created_at"])
    for name in SELDOM:
        op.create_index(
            f"ix_ledger_{name}_created_at",
            "ledger",
            [name, "created_at"],
            postgresql_where=sa.column(name).is_not(None),
        )
    op.execute(QUEUE_ROWS)
    op.execute(AFTER_INSERT)
    op.execute("INSERT INTO usage_pending (entry_id) SELECT id FROM ledger")


def _make_sums() -> None:
    numbers = (
        "requests", "failed", "cancelled", "input_tokens", "cached_tokens", "output_tokens",
    )  # fmt: skip
    op.create_table(
        "usage_sums",
        *_texts("dimension", "grain", "workspace_id", "value"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers),
        sa.Column("amount_pico", sa.Numeric(38, 0), nullable=False),
        sa.PrimaryKeyConstraint(
            "dimension", "grain", "workspace_id", "value", "starts_at", "currency",
            name="pk_usage_sums",
        ),
    )  # fmt: skip
    op.create_index(
        "ix_usage_sums_period",
        "usage_sums",
        ["dimension", "grain", "starts_at", "workspace_id", "value"],
    )


def _make_first_tokens() -> None:
    op.create_table(
        "usage_first_tokens",
        *_texts("grain", "workspace_id"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "grain", "workspace_id", "starts_at", "step", name="pk_usage_first_tokens"
        ),
    )


def _make_active_days() -> None:
    op.create_table(
        "usage_active_days",
        sa.Column("month", sa.Date(), nullable=False),
        *_texts("workspace_id", "member_id"),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", "workspace_id", "member_id", name="pk_usage_active_days"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
