"""Assistants and their frozen versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Assistant(Identified, Record):
    """An assistant. `draft` holds contracts.assistants.AssistantFields as JSON.

    visibility: contracts.assistants.Visibility, which is not part of the draft: it holds at once.
    replaced_draft: what a restored version replaced, to be brought back while the draft has not
    changed since replaced_at. former_slug: of a deleted one, which may come back.
    taken_down_at: since when a moderator keeps it out of the store; None: nobody does.
    shows_instructions, names_documents, may_be_copied: what its listing shows and allows, at once.
    made_from: the assistant whose listing it was copied from.
    """

    __tablename__ = "assistants"
    __table_args__ = (
        Index("ix_assistants_public", "id", postgresql_where="visibility = 'public'"),
    )

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    slug: Mapped[str] = mapped_column(unique=True)
    draft: Mapped[dict[str, Any]] = mapped_column(JSONB)
    visibility: Mapped[str] = mapped_column(server_default=text("'workspace'"))
    draft_revision: Mapped[int] = mapped_column(server_default=text("1"))
    draft_changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_version: Mapped[int | None]
    published_at: Mapped[datetime | None]
    replaced_draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    replaced_at: Mapped[datetime | None]
    former_slug: Mapped[str | None]
    shows_instructions: Mapped[bool] = mapped_column(default=False, server_default=false())
    names_documents: Mapped[bool] = mapped_column(default=False, server_default=false())
    may_be_copied: Mapped[bool] = mapped_column(default=False, server_default=false())
    # No reference: what somebody made of it stays when the original is erased.
    made_from: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    taken_down_at: Mapped[datetime | None]


class Avatar(Record):
    """A picture of an assistant, by the hash that its draft and versions name it with."""

    __tablename__ = "avatars"

    assistant_id: Mapped[str] = mapped_column(
        ForeignKey("assistants.id", ondelete="CASCADE"), primary_key=True
    )
    hash: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class AvatarUpload(Identified, Record):
    """A picture as somebody sent it, until a worker has made one of it; one an assistant.

    content: None once it was refused. problem: contracts.avatars.AvatarProblem, then.
    """

    __tablename__ = "avatar_uploads"

    assistant_id: Mapped[str] = mapped_column(
        ForeignKey("assistants.id", ondelete="CASCADE"), unique=True
    )
    # Two megabytes that hardly anybody who looks at the row needs.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    problem: Mapped[str | None]


class Link(Identified, Record):
    """A link by which whoever has it may ask an assistant. token_hash: all that is kept of it.

    visitors: how many came by it, signed in or not.
    """

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("token_hash"),)

    assistant_id: Mapped[str] = mapped_column(
        ForeignKey("assistants.id", ondelete="CASCADE"), index=True
    )
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]
    token_hash: Mapped[str]
    created_by: Mapped[str] = mapped_column(ForeignKey("members.id"))
    visitors: Mapped[int] = mapped_column(server_default=text("0"))
    expires_at: Mapped[datetime | None]


class LinkFollower(Record):
    """A member who came by a link while signed in, and may ask as long as it lives."""

    __tablename__ = "link_followers"

    link_id: Mapped[str] = mapped_column(
        ForeignKey("links.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[str] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AssistantVersion(Record):
    """A published state, never changed. epochs: collection id -> epoch frozen with it.

    note: what its builders say about it; they may say something else later.
    """

    __tablename__ = "assistant_versions"

    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    epochs: Mapped[dict[str, int]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="", server_default=text("''"))
    created_by: Mapped[str] = mapped_column(ForeignKey("members.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
