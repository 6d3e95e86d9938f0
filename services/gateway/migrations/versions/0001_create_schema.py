"""Create the first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every table of the first release, in the order of their references."""
    _make_accounts()
    _make_assistants()
    _make_knowledge()
    _make_document_versions()
    _make_conversations()
    _make_ledger()
    _make_outbox()


def _make_accounts() -> None:
    """Members, workspaces and how one gets in."""
    op.create_table(
        "members",
        *_texts("email", "name", "password_hash"),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        _moment("suspended_at", nullable=True),
        *_identified("members"),
        sa.UniqueConstraint("email", name="uq_members_email"),
    )
    op.create_table(
        "workspaces",
        _text("name"),
        *_identified("workspaces"),
    )
    op.create_table(
        "memberships",
        *_texts("workspace_id", "member_id", "power"),
        _now("created_at"),
        _refers("fk_memberships_member_id", "member_id", "members"),
        _refers("fk_memberships_workspace_id", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("workspace_id", "member_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_member_id", "memberships", ["member_id"])
    op.create_table(
        "sessions",
        *_texts("token_hash", "member_id", "workspace_id"),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        *_identified("sessions"),
        _refers("fk_sessions_member_id", "member_id", "members"),
        _refers("fk_sessions_workspace_id", "workspace_id", "workspaces"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    op.create_index("ix_sessions_member_id", "sessions", ["member_id"])
    op.create_table(
        "keys",
        *_texts("secret_hash", "prefix", "name"),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        *_texts("member_id", "workspace_id"),
        *_moments("expires_at", "revoked_at", "last_used_at", nullable=True),
        *_identified("keys"),
        _refers("fk_keys_member_id", "member_id", "members"),
        _refers("fk_keys_workspace_id", "workspace_id", "workspaces"),
        sa.UniqueConstraint("secret_hash", name="uq_keys_secret_hash"),
    )
    op.create_index("ix_keys_workspace_id", "keys", ["workspace_id"])
    op.create_table(
        "claims",
        _text("token_hash"),
        _moment("used_at", nullable=True),
        *_identified("claims"),
        sa.UniqueConstraint("token_hash", name="uq_claims_token_hash"),
    )


def _make_assistants() -> None:
    """Assistants and their frozen versions."""
    op.create_table(
        "assistants",
        *_texts("workspace_id", "owner_id", "slug"),
        _json("draft"),
        _now("draft_changed_at"),
        _integer("published_version", nullable=True),
        *_moments("published_at", "deleted_at", nullable=True),
        *_identified("assistants"),
        _refers("fk_assistants_owner_id", "owner_id", "members"),
        _refers("fk_assistants_workspace_id", "workspace_id", "workspaces"),
        sa.UniqueConstraint("slug", name="uq_assistants_slug"),
    )
    op.create_index("ix_assistants_workspace_id", "assistants", ["workspace_id"])
    op.create_table(
        "assistant_versions",
        _text("assistant_id"),
        _integer("version"),
        _json("definition"),
        _json("epochs"),
        _text("created_by"),
        _now("created_at"),
        _refers("fk_assistant_versions_assistant_id", "assistant_id", "assistants"),
        _refers("fk_assistant_versions_created_by", "created_by", "members"),
        sa.PrimaryKeyConstraint("assistant_id", "version", name="pk_assistant_versions"),
    )


def _make_knowledge() -> None:
    """Files, collections and documents."""
    op.create_table(
        "files",
        *_texts("workspace_id", "owner_id", "filename", "media_type", "purpose"),
        _integer("size_bytes"),
        *_texts("sha256", "blob_key"),
        _moment("deleted_at", nullable=True),
        *_identified("files"),
        _refers("fk_files_owner_id", "owner_id", "members"),
        _refers("fk_files_workspace_id", "workspace_id", "workspaces"),
    )
    op.create_index("ix_files_workspace_id", "files", ["workspace_id"])
    op.create_table(
        "collections",
        *_texts("workspace_id", "owner_id", "name"),
        _json("attributes"),
        _integer("epoch"),
        _moment("deleted_at", nullable=True),
        *_identified("collections"),
        _refers("fk_collections_owner_id", "owner_id", "members"),
        _refers("fk_collections_workspace_id", "workspace_id", "workspaces"),
    )
    op.create_index("ix_collections_workspace_id", "collections", ["workspace_id"])
    op.create_table(
        "documents",
        *_texts("collection_id", "workspace_id", "file_id"),
        _json("attributes"),
        _integer("current_version", nullable=True),
        _moment("deleted_at", nullable=True),
        *_identified("documents"),
        _refers("fk_documents_collection_id", "collection_id", "collections"),
        _refers("fk_documents_file_id", "file_id", "files"),
        _refers("fk_documents_workspace_id", "workspace_id", "workspaces"),
    )
    op.create_index("ix_documents_file_id", "documents", ["file_id"])
    op.create_index("ix_documents_workspace_id", "documents", ["workspace_id"])
    op.create_index(
        "uq_documents_collection_id_file_id",
        "documents",
        ["collection_id", "file_id"],
        unique=True,
        postgresql_where="deleted_at IS NULL",
    )


def _make_document_versions() -> None:
    """Readings of documents, their jobs and passages."""
    op.create_table(
        "document_versions",
        *_texts("document_id", "workspace_id"),
        _integer("number"),
        *_texts("file_id", "stage"),
        *_integers("stage_done", "stage_total", "attempts", "fence"),
        _text("worker", nullable=True),
        _moment("lease_until", nullable=True),
        _moment("deadline_at"),
        *_texts("error_code", "error_message", "title", "text_blob_key", nullable=True),
        _json("pages", nullable=True),
        _json("stamp", nullable=True),
        _integer("from_epoch", nullable=True),
        _integer("until_epoch"),
        _text("replaces_version_id", nullable=True),
        _moment("purged_at", nullable=True),
        *_identified("document_versions"),
        _refers("fk_document_versions_document_id", "document_id", "documents"),
        _refers("fk_document_versions_file_id", "file_id", "files"),
        _refers("fk_document_versions_workspace_id", "workspace_id", "workspaces"),
        sa.UniqueConstraint(
            "document_id", "number", name="uq_document_versions_document_id_number"
        ),
    )
    op.create_index("ix_document_versions_document_id", "document_versions", ["document_id"])
    op.create_index(
        "ix_document_versions_open",
        "document_versions",
        ["lease_until"],
        postgresql_where="stage NOT IN ('ready', 'failed')",
    )
    op.create_table(
        "passages",
        *_texts("id", "document_version_id", "workspace_id"),
        *_integers("index", "start", "end"),
        _integer("page", nullable=True),
        *_texts("header", "text"),
        *_integers("from_epoch", "until_epoch"),
        _refers(
            "fk_passages_document_version_id",
            "document_version_id",
            "document_versions",
            ondelete="CASCADE",
        ),
        _refers("fk_passages_workspace_id", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name="pk_passages"),
        sa.UniqueConstraint(
            "document_version_id", "index", name="uq_passages_document_version_id_index"
        ),
    )


def _make_conversations() -> None:
    """Conversations, turns and messages."""
    op.create_table(
        "conversations",
        *_texts("workspace_id", "member_id", "assistant_id"),
        _integer("assistant_version", nullable=True),
        _text("title"),
        _now("updated_at"),
        _text("last_message_id", nullable=True),
        _moment("deleted_at", nullable=True),
        *_identified("conversations"),
        _refers("fk_conversations_assistant_id", "assistant_id", "assistants"),
        _refers("fk_conversations_member_id", "member_id", "members"),
        _refers("fk_conversations_workspace_id", "workspace_id", "workspaces"),
    )
    op.create_index("ix_conversations_assistant_id", "conversations", ["assistant_id"])
    op.create_index("ix_conversations_member_id", "conversations", ["member_id"])
    op.create_table(
        "turns",
        *_texts("conversation_id", "member_id", "status"),
        _moment("stop_requested_at", nullable=True),
        _moment("deadline_at"),
        _moment("ended_at", nullable=True),
        _text("error_code", nullable=True),
        *_identified("turns"),
        _refers("fk_turns_conversation_id", "conversation_id", "conversations"),
        _refers("fk_turns_member_id", "member_id", "members"),
    )
    op.create_index("ix_turns_conversation_id", "turns", ["conversation_id"])
    op.create_index(
        "ix_turns_running", "turns", ["deadline_at"], postgresql_where="status = 'running'"
    )
    op.create_table(
        "messages",
        *_texts("conversation_id", "turn_id"),
        _text("parent_id", nullable=True),
        *_texts("role", "content"),
        _text("prompt_content", nullable=True),
        _json("annotations"),
        _text("status"),
        _text("error", nullable=True),
        _json("usage", nullable=True),
        *_identified("messages"),
        _refers("fk_messages_conversation_id", "conversation_id", "conversations"),
        _refers("fk_messages_parent_id", "parent_id", "messages"),
        _refers("fk_messages_turn_id", "turn_id", "turns"),
    )
    op.create_index("ix_messages_conversation_id", "messages", ["conversation_id"])
    op.create_index("ix_messages_turn_id", "messages", ["turn_id"])


def _make_ledger() -> None:
    """The ledger of model calls."""
    op.create_table(
        "ledger",
        *_texts("request_id", "purpose", "workspace_id"),
        *_texts("member_id", "assistant_id", nullable=True),
        _integer("assistant_version", nullable=True),
        *_texts("key_id", "conversation_id", nullable=True),
        *_texts("model", "engine"),
        *_integers("input_tokens", "cached_tokens", "output_tokens"),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        *_texts("status", "currency"),
        *_integers("price_input_pico", "price_cached_input_pico", "price_output_pico"),
        sa.Column("amount_pico", sa.Numeric(precision=38, scale=0), nullable=False),
        *_integers("first_token_ms", "total_ms", nullable=True),
        *_identified("ledger"),
        sa.CheckConstraint(
            "input_tokens >= 0 AND output_tokens >= 0", name="ck_ledger_tokens_not_negative"
        ),
        _refers("fk_ledger_assistant_id", "assistant_id", "assistants"),
        _refers("fk_ledger_conversation_id", "conversation_id", "conversations"),
        _refers("fk_ledger_key_id", "key_id", "keys"),
        _refers("fk_ledger_member_id", "member_id", "members"),
        _refers("fk_ledger_workspace_id", "workspace_id", "workspaces"),
        sa.UniqueConstraint("request_id", name="uq_ledger_request_id"),
    )
    op.create_index("ix_ledger_workspace_id_created_at", "ledger", ["workspace_id", "created_at"])


def _make_outbox() -> None:
    """Messages that leave with a commit."""
    op.create_table(
        "outbox",
        *_texts("name", "queue"),
        _json("payload"),
        _integer("expires_seconds"),
        _now("not_before"),
        _moment("sent_at", nullable=True),
        _integer("attempts"),
        *_identified("outbox"),
    )
    op.create_index(
        "ix_outbox_unsent", "outbox", ["not_before"], postgresql_where="sent_at IS NULL"
    )


def _identified(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    key = sa.PrimaryKeyConstraint("id", name=f"pk_{table}")
    return _text("id"), _now("created_at"), key


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [_text(name, nullable) for name in names]


def _integers(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [_integer(name, nullable) for name in names]


def _moments(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [_moment(name, nullable) for name in names]


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _integer(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _json(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), nullable=nullable)


def _refers(
    name: str, column: str, table: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete=ondelete)
