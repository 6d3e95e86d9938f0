"""Conversations, messages that know their parent, and turns."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Conversation(Identified, Record):
    """A member's conversation with one assistant. assistant_version None: the draft.

    variables: name -> value, as they were given at its beginning.
    """

    __tablename__ = "conversations"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), index=True)
    assistant_version: Mapped[int | None]
    title: Mapped[str] = mapped_column(default="")
    variables: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_message_id: Mapped[str | None]
    deleted_at: Mapped[datetime | None]


class Turn(Identified, Record):
    """A question and its answer in the making. deadline_at: when it fails whatever happens."""

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
    """A message. parent_id makes a tree, so that an edited question begins a branch.

    content: as shown, markers included. prompt_content: exactly what the engine got (of a
    question: passages and question; of an answer: the raw text), so that the next turn repeats
    it byte for byte and the engine's prefix cache holds.
    """

    __tablename__ = "messages"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    role: Mapped[str]
    content: Mapped[str] = mapped_column(default="")
    prompt_content: Mapped[str | None]
    annotations: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    unsupported: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    status: Mapped[str]
    error: Mapped[str | None]
    error_words: Mapped[str | None]
    usage: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


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
