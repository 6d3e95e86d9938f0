"""What members, assistants and keys in ledger rows are called, and which assistants one builds."""

from collections.abc import Collection

from sqlalchemy import func, select

from contracts.usage import ConversationFacts
from gateway.accounts.tables import Key, Member, Workspace
from gateway.assistants.repository import ASSISTANTS
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.clock import unix_seconds
from gateway.conversations.tables import Conversation, Turn
from gateway.db import Transaction
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class NamesRepository:
    """Names inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def members(self, ids: Collection[str]) -> dict[str, str]:
        """member id -> name."""
        query = select(Member.id, Member.name).where(Member.id.in_(ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def keys(self, ids: Collection[str]) -> dict[str, str]:
        """key id -> name."""
        query = select(Key.id, Key.name).where(Key.id.in_(ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def workspaces(self, ids: Collection[str]) -> dict[str, str]:
        """workspace id -> name."""
        query = select(Workspace.id, Workspace.name).where(Workspace.id.in_(ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def all_workspaces(self, most: int) -> dict[str, str]:
        """workspace id -> name, by name: those that are there."""
        query = (
            select(Workspace.id, Workspace.name)
            .where(Workspace.deleted_at.is_(None))
            .order_by(func.lower(Workspace.name), Workspace.id)
            .limit(most)
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def assistants(self, ids: Collection[str]) -> dict[str, str]:
        """assistant id -> its published name, deleted or not; its draft's if it has no other.

        A draft is its workspace's own affair, and a row may be about a public assistant.
        """
        published = AssistantVersion.definition["name"].astext
        query = (
            select(Assistant.id, func.coalesce(published, Assistant.draft["name"].astext))
            .outerjoin(
                AssistantVersion,
                (AssistantVersion.assistant_id == Assistant.id)
                & (AssistantVersion.version == Assistant.published_version),
            )
            .where(Assistant.id.in_(ids))
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def built_by(self, asker: Asker) -> frozenset[str]:
        """The assistants that somebody may change."""
        query = select(Assistant.id).where(may(asker, Action.EDIT, ASSISTANTS))
        return frozenset(await self._tx.scalars(query))

    async def conversation(self, conversation_id: str) -> ConversationFacts | None:
        """When it was and how long."""
        turns = (
            select(func.count()).where(Turn.conversation_id == conversation_id).scalar_subquery()
        )
        query = select(
            Conversation.created_at, Conversation.updated_at, turns, Conversation.deleted_at
        ).where(Conversation.id == conversation_id)
        row = (await self._tx.execute(query)).first()
        if row is None:
            return None
        return ConversationFacts(
            id=conversation_id,
            started_at=unix_seconds(row[0]),
            last_at=unix_seconds(row[1]),
            turns=row[2],
            is_deleted=row[3] is not None,
        )
