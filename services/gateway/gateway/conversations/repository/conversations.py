"""Conversations and their messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select, update

from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.conversations.repository.sources import CONVERSATIONS
from gateway.conversations.rules import Wanted
from gateway.conversations.tables import Conversation, Message
from gateway.db import Transaction
from gateway.knowledge.tables import Document
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class Partner(NamedTuple):
    """The assistant of a conversation: its name, whose it is, the collections it reads, and its
    picture."""

    name: str
    workspace_id: str
    collection_ids: frozenset[str]
    avatar: str | None


class ConversationRepository:
    """Conversations and their messages inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, conversation: Conversation) -> None:
        """Make it part of this transaction."""
        self._tx.add(conversation)

    async def seen_by(self, asker: Asker, wanted: Wanted, page: PageRequest) -> Rows[Conversation]:
        """The asker's conversations of the kind that is wanted. Temporary ones are in no list."""
        query = select(Conversation).where(
            may(asker, Action.SEE, CONVERSATIONS), Conversation.expires_at.is_(None)
        )
        if wanted.folder_id is not None:
            query = query.where(Conversation.folder_id == wanted.folder_id)
        if wanted.pinned is not None:
            is_pinned = Conversation.pinned_at.is_not(None)
            query = query.where(is_pinned if wanted.pinned else ~is_pinned)
        for word in wanted.words:
            query = query.where(_says(word))
        return await fetch_page(self._tx, query, Conversation.id, page)

    async def partners(self, conversations: Sequence[Conversation]) -> dict[str, Partner]:
        """conversation id -> its assistant, named as in the version it last answered with."""
        query = (
            select(
                Conversation.id,
                func.coalesce(
                    AssistantVersion.definition["name"].astext, Assistant.draft["name"].astext
                ),
                Assistant.workspace_id,
                AssistantVersion.epochs,
                Assistant.draft["tool_resources"]["file_search"]["vector_store_ids"],
                # Of a version its own, also where that is the pattern.
                case(
                    (Assistant.deleted_at.is_not(None), None),
                    (AssistantVersion.version.is_(None), Assistant.draft["avatar"].astext),
                    else_=AssistantVersion.definition["avatar"].astext,
                ),
            )
            .join(Assistant, Assistant.id == Conversation.assistant_id)
            .outerjoin(
                AssistantVersion,
                (AssistantVersion.assistant_id == Conversation.assistant_id)
                & (AssistantVersion.version == Conversation.assistant_version),
            )
            .where(Conversation.id.in_([each.id for each in conversations]))
        )
        return {
            row[0]: Partner(row[1] or "", row[2], frozenset(row[3] or row[4] or ()), row[5])
            for row in await self._tx.execute(query)
        }

    async def contents(self, conversation_id: str, message_ids: Sequence[str]) -> dict[str, str]:
        """message id -> what it says, of messages of this conversation."""
        query = select(Message.id, Message.content).where(
            Message.conversation_id == conversation_id, Message.id.in_(message_ids)
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def hold(self, conversation_id: str) -> None:
        """Hold it until this commit: whoever holds a turn of it too, holds it first."""
        query = select(Conversation.id).where(Conversation.id == conversation_id)
        await self._tx.execute(query.with_for_update())

    async def touch(self, conversation_id: str, moment: datetime, version: int | None) -> None:
        """The conversation went on, with this version of its assistant."""
        await self._tx.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id)
            .values(updated_at=moment, assistant_version=version)
        )

    async def document_count(self, collection_ids: Sequence[str]) -> int:
        """How many documents a search goes through."""
        query = select(func.count()).where(
            Document.collection_id.in_(collection_ids),
            Document.deleted_at.is_(None),
            Document.current_version.is_not(None),
        )
        return await self._tx.scalar(query) or 0


def _says(word: str) -> ColumnElement[bool]:
    said = (
        select(Message.id)
        .where(
            Message.conversation_id == Conversation.id,
            Message.content.icontains(word, autoescape=True),
        )
        .exists()
    )
    return or_(Conversation.title.icontains(word, autoescape=True), said)
