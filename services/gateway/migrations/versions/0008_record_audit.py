"""Audit."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Rows may be added, and old ones forgotten in a transaction that says from when on it keeps them.
# Whatever it says, the last day stays.
KEEP_ROWS = """
CREATE FUNCTION audit_events_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keeps_from text := current_setting('stoa.audit_keeps_from', true);
BEGIN
    IF TG_OP = 'DELETE' AND keeps_from <> '' THEN
        IF OLD.created_at < least(keeps_from::timestamptz, now() - interval '1 day') THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_events: rows are only ever added' USING ERRCODE = '42501';
END
$$
"""
ONE_BY_ONE = """
CREATE TRIGGER audit_events_keep BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION audit_events_keep()
"""
AT_ONCE = """
CREATE TRIGGER audit_events_keep_all BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_keep()
"""


def upgrade() -> None:
    """Audit."""
    op.create_table(
        "audit_events",
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("object_kind", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("workspace_id", sa.Text(), nullable=True),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("times", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_workspace_id_id", "audit_events", ["workspace_id", "id"])
    op.create_index("ix_audit_events_created_at", "audit_events", ["created_at"])
    op.execute(KEEP_ROWS)
    op.execute(ONE_BY_ONE)
    op.execute(AT_ONCE)
