"""What readers say of answers."""

from collections.abc import Collection

from sqlalchemy import delete, select

from gateway.conversations.tables import Conversation, Feedback, Message
from gateway.db import Transaction


class FeedbackRepository:
    """Feedback inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, feedback: Feedback) -> None:
        """Make it part of this transaction."""
        self._tx.add(feedback)

    async def of(self, message_ids: Collection[str]) -> dict[str, Feedback]:
        """message id -> what was said of it; nothing for the others."""
        query = select(Feedback).where(Feedback.message_id.in_(message_ids))
        return {each.message_id: each for each in await self._tx.scalars(query)}

    async def remove(self, message_id: str) -> None:
        """Take it back, if there is any."""
        await self._tx.execute(delete(Feedback).where(Feedback.message_id == message_id))

    async def conversation_of(self, answer: Message) -> Conversation:
        """The conversation in which an answer was given."""
        query = select(Conversation).where(Conversation.id == answer.conversation_id)
        return (await self._tx.scalars(query)).one()
