"""Publish keys."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys that stand in web pages: themselves, and how many answers they give in a day."""
    # A default, because gateways of the former release go on writing rows for a while.
    op.add_column(
        "keys",
        sa.Column("kind", sa.Text(), server_default=sa.text("'secret'"), nullable=False),
    )
    op.add_column("keys", sa.Column("publishable_key", sa.Text(), nullable=True))
    op.add_column("keys", sa.Column("visitor_answers", sa.BigInteger(), nullable=True))
    op.add_column("keys", sa.Column("answers", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_keys_shown"), "keys", "(kind = 'publishable') = (publishable_key IS NOT NULL)"
    )


def downgrade() -> None:
    """The former release would take publishable keys for secret ones: they end."""
    op.execute(
        "UPDATE keys SET revoked_at = now() WHERE kind = 'publishable' AND revoked_at IS NULL"
    )
    op.drop_constraint(op.f("ck_keys_shown"), "keys")
    op.drop_column("keys", "answers")
    op.drop_column("keys", "visitor_answers")
    op.drop_column("keys", "publishable_key")
    op.drop_column("keys", "kind")
