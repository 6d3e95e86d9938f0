"""Takes the words of ended conversations away for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from gateway.conversations.tables import Conversation, Message, Turn, TurnContext
from gateway.db import Transaction

_AT_ONCE = 100


class ErasingRepository:
    """Erases inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def due(self, now: datetime, undo: timedelta) -> Sequence[Conversation]:
        """Some temporary conversations that are over, and some that nobody can have back any
        more; held, and not those that another gateway has in hand."""
        is_over = Conversation.expires_at <= now
        is_forgotten = (Conversation.deleted_at <= now - undo) & Conversation.erased_at.is_(None)
        query = select(Conversation).where(or_(is_over, is_forgotten)).limit(_AT_ONCE)
        return (await self._tx.scalars(query.with_for_update(skip_locked=True))).all()

    async def erase(self, conversations: Sequence[Conversation], now: datetime) -> Sequence[str]:
        """All that was said in them; of temporary ones the rows themselves. The ids of their turns.

        The bare rows of the others stay, because the ledger names them.
        """
        ids = [each.id for each in conversations]
        turns = (await self._tx.scalars(select(Turn.id).where(Turn.conversation_id.in_(ids)))).all()
        temporary = [each.id for each in conversations if each.expires_at is not None]
        await self._tx.execute(delete(TurnContext).where(TurnContext.turn_id.in_(turns)))
        await self._tx.execute(delete(Message).where(Message.conversation_id.in_(ids)))
        await self._tx.execute(delete(Turn).where(Turn.conversation_id.in_(ids)))
        await self._tx.execute(delete(Conversation).where(Conversation.id.in_(temporary)))
        await self._tx.execute(
            update(Conversation)
            .where(Conversation.id.in_(ids))
            .values(title="", variables={}, last_message_id=None, folder_id=None, erased_at=now)
        )
        return turns
