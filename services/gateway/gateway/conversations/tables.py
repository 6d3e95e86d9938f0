"""Conversations and their folders, messages that know their parent, turns, and feedback."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Folder(Identified, Record):
    """A member's name for some of their conversations in one workspace."""

    __tablename__ = "folders"
    __table_args__ = (UniqueConstraint("member_id", "workspace_id", "name"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    name: Mapped[str]


class Conversation(Identified, Record):
    """A member's conversation with one assistant. assistant_version None: the draft.

    variables: name -> value, as they were given at its beginning.
    last_message_id: the end of the branch that is shown. expires_at: only temporary ones end by
    themselves. erased_at: deleted for so long that its words are gone; the row stays, because the
    ledger names it. shows_unanswered: its member was told, when it began, that the assistant's
    builders see the questions that found nothing.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "ix_conversations_expires_at", "expires_at", postgresql_where="expires_at IS NOT NULL"
        ),
        Index(
            "ix_conversations_deleted_at",
            "deleted_at",
            postgresql_where="deleted_at IS NOT NULL AND erased_at IS NULL",
        ),
    )

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), index=True)
    assistant_version: Mapped[int | None]
    title: Mapped[str] = mapped_column(default="")
    variables: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_message_id: Mapped[str | None]
    folder_id: Mapped[str | None] = mapped_column(
        ForeignKey("folders.id", ondelete="SET NULL"), index=True
    )
    pinned_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    shows_unanswered: Mapped[bool] = mapped_column(server_default=text("false"))


class Turn(Identified, Record):
    """An answer in the making. Its question is the answer's parent: a regenerated answer is a turn
    of its own under the same question. deadline_at: when it fails whatever happens."""

    __tablename__ = "turns"
    __table_args__ = (
        Index("ix_turns_running", "deadline_at", postgresql_where="status = 'running'"),
    )

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    status: Mapped[str]
    stop_requested_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error_code: Mapped[str | None]


class Message(Identified, Record):
    """A message. parent_id makes a tree: an edited question and a regenerated answer are branches.

    content: as shown, markers included. prompt_content: of an answer, the raw text of the engine.
    asked_content: of an answer, exactly what the engine got of its question (passages and
    question). The next turn repeats both byte for byte, so that the engine's prefix cache holds;
    a question that is answered twice was perhaps read with other passages each time. Rows of
    before this column keep the latter in the question's prompt_content. usage: of an answer, the
    engine's count, and in `steps` how long each of its steps took.
    """

    __tablename__ = "messages"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    role: Mapped[str]
    content: Mapped[str] = mapped_column(default="")
    prompt_content: Mapped[str | None]
    asked_content: Mapped[str | None]
    annotations: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    unsupported: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    status: Mapped[str]
    error: Mapped[str | None]
    error_words: Mapped[str | None]
    usage: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Feedback(Identified, Record):
    """What the reader of an answer says of it, to those who build the assistant. It goes with
    its message, whoever erases that."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("message_id"),)

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), index=True)
    rating: Mapped[str]
    comment: Mapped[str]
    correction: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TurnContext(Record):
    """What the model was sent for a turn's answer, part by part.

    instructions: of an assistant of the asker's own workspace, as sent. Nothing else is kept
    twice: the texts of passages and messages are looked up when the account is read, under the
    rights that hold then.
    """

    __tablename__ = "turn_contexts"

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id"), primary_key=True)
    window_tokens: Mapped[int]
    answer_tokens: Mapped[int]
    instructions: Mapped[str | None]
    segments: Mapped[list[Any]] = mapped_column(JSONB)
