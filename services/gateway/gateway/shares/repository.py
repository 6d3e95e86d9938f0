"""Snapshots of conversations."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from gateway.assistants.tables import Assistant
from gateway.conversations.repository.sources import CONVERSATIONS
from gateway.conversations.tables import Conversation
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source, may
from gateway.policy.rules import Asker
from gateway.policy.words import Action, Kind
from gateway.shares.errors import ShareNotFound
from gateway.shares.tables import Share


def _missing(_share_id: str) -> ShareNotFound:
    return ShareNotFound("There is no such link, or it was revoked.")


SHARES = Source(
    kind=Kind.CONVERSATION,
    row=Share,
    id=Share.id,
    workspace_id=Share.workspace_id,
    owned_by=lambda member_id: Share.member_id == member_id,
    missing=_missing,
    exists=select(Conversation.id)
    .where(Conversation.id == Share.conversation_id, CONVERSATIONS.exists)
    .exists(),
)
"""A link is found by its own id, and stands and falls with its conversation."""


class Opened(NamedTuple):
    """A snapshot, and the assistant that was talked to."""

    share: Share
    assistant: Assistant


class ShareRepository:
    """Snapshots inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, share: Share) -> None:
        """Make it part of this transaction."""
        self._tx.add(share)

    async def remove(self, share: Share) -> None:
        """Erase it: nothing of it stays."""
        await self._tx.delete(share)

    async def count(self, conversation: Conversation) -> int:
        """How many there are of a conversation."""
        query = select(func.count()).where(Share.conversation_id == conversation.id)
        return await self._tx.scalar(query) or 0

    async def page(
        self, asker: Asker, conversation: Conversation, page: PageRequest
    ) -> Rows[Share]:
        """The asker's links to a conversation, without what they show."""
        query = (
            select(Share)
            .where(may(asker, Action.SEE, SHARES), Share.conversation_id == conversation.id)
            .options(defer(Share.messages))
        )
        return await fetch_page(self._tx, query, Share.id, page)

    async def opened(self, token_hash: str) -> Opened | None:
        """What a token opens, whoever holds it; None: nothing, or nothing any more."""
        query = (
            select(Share, Assistant)
            .join(Conversation, Conversation.id == Share.conversation_id)
            .join(Assistant, Assistant.id == Conversation.assistant_id)
            .where(Share.token_hash == token_hash, CONVERSATIONS.exists)
        )
        row = (await self._tx.execute(query)).first()
        return None if row is None else Opened(*row)
