"""Hold budgets."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEEP_ROWS = """
CREATE FUNCTION ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger: rows are only ever added' USING ERRCODE = '42501';
END
$$
"""
ONE_BY_ONE = """
CREATE TRIGGER ledger_keep BEFORE UPDATE OR DELETE ON ledger
FOR EACH ROW EXECUTE FUNCTION ledger_keep()
"""
AT_ONCE = """
CREATE TRIGGER ledger_keep_all BEFORE TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep()
"""
# What was spent before this release counts in the present day and month. A day is UTC's here.
SUM_UP = """
INSERT INTO spends
    (workspace_id, subject, subject_id, period, starts_on, currency, spent_pico, held_pico)
SELECT workspace_id, subject, subject_id, period, starts_on, currency, sum(amount_pico), 0
FROM (
    SELECT l.workspace_id, s.subject, s.subject_id, p.period, l.currency, l.amount_pico,
        date_trunc(p.period, l.created_at AT TIME ZONE 'UTC')::date AS starts_on
    FROM ledger l
    CROSS JOIN LATERAL (VALUES
        ('workspace', ''), ('member', l.member_id), ('assistant', l.assistant_id),
        ('key', l.key_id)
    ) AS s (subject, subject_id)
    CROSS JOIN (VALUES ('day'), ('month')) AS p (period)
    WHERE s.subject_id IS NOT NULL
        AND l.created_at >= date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
) AS spent
GROUP BY workspace_id, subject, subject_id, period, starts_on, currency
"""


def upgrade() -> None:
    """Hold budgets."""
    money = sa.Numeric(38, 0)
    op.create_table(
        "budgets",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_pico", money, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("is_hard", sa.Boolean(), nullable=False),
        sa.Column("warn_percent", sa.BigInteger(), nullable=False),
        sa.Column("is_operators", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount_pico >= 0", name="ck_budgets_amount_not_negative"),
        sa.CheckConstraint("warn_percent BETWEEN 1 AND 100", name="ck_budgets_warn_percent"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_budgets_workspace_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budgets"),
    )
    op.create_index(
        "uq_budgets_standing",
        "budgets",
        ["workspace_id", "subject", "subject_id", "period", "is_operators"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "spends",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("spent_pico", money, server_default=sa.text("0"), nullable=False),
        sa.Column("held_pico", money, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_spends_workspace_id"),
        sa.PrimaryKeyConstraint(
            "workspace_id",
            "subject",
            "subject_id",
            "period",
            "starts_on",
            "currency",
            name="pk_spends",
        ),
    )
    op.create_table(
        "reservations",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("assistant_id", sa.Text(), nullable=True),
        sa.Column("assistant_version", sa.BigInteger(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_input_pico", sa.BigInteger(), nullable=False),
        sa.Column("price_cached_input_pico", sa.BigInteger(), nullable=False),
        sa.Column("price_output_pico", sa.BigInteger(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("amount_pico", money, nullable=False),
        sa.Column("used_input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("used_cached_tokens", sa.BigInteger(), nullable=True),
        sa.Column("used_output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_reservations"),
    )
    op.create_index("ix_reservations_renewed_at", "reservations", ["renewed_at"])
    op.add_column("ledger", sa.Column("corrects", sa.Text(), nullable=True))
    op.create_foreign_key("fk_ledger_corrects", "ledger", "ledger", ["corrects"], ["id"])
    op.drop_constraint("ck_ledger_tokens_not_negative", "ledger", type_="check")
    op.create_check_constraint(
        "ck_ledger_tokens_not_negative",
        "ledger",
        "corrects IS NOT NULL OR (input_tokens >= 0 AND output_tokens >= 0)",
    )
    op.execute(SUM_UP)
    op.execute(KEEP_ROWS)
    op.execute(ONE_BY_ONE)
    op.execute(AT_ONCE)
