"""Turns: begun, renewed, ended, and the account of what their model was sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from contracts.conversations import TurnStatus
from gateway.conversations.rules import LEASE_SECONDS, Ending
from gateway.conversations.tables import Message, Turn, TurnContext
from gateway.db import Transaction


class TurnRepository:
    """Turns inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def keep_context(self, context: TurnContext) -> None:
        """Keep what the model was sent for a turn."""
        self._tx.add(context)

    async def context(self, turn_id: str) -> TurnContext | None:
        """What the model was sent, if that was kept."""
        return await self._tx.scalar(select(TurnContext).where(TurnContext.turn_id == turn_id))

    async def running_in(self, conversation_id: str) -> Turn | None:
        """The turn that is being answered, if any."""
        query = select(Turn).where(
            Turn.conversation_id == conversation_id, Turn.status == TurnStatus.RUNNING
        )
        return await self._tx.scalar(query.limit(1))

    async def of_member(self, member_id: str) -> Sequence[str]:
        """The ids of a member's turns."""
        return (await self._tx.scalars(select(Turn.id).where(Turn.member_id == member_id))).all()

    async def messages(self, turn_id: str) -> tuple[Message, Message]:
        """Question and answer."""
        question = aliased(Message)
        query = (
            select(question, Message)
            .join(question, question.id == Message.parent_id)
            .where(Message.turn_id == turn_id, Message.role == "assistant")
        )
        asked, answer = (await self._tx.execute(query)).one()
        return asked, answer

    async def fail_overdue(self, conversation_id: str, moment: datetime) -> None:
        """Turns whose process died without a word are failed by whoever looks next."""
        overdue = (
            update(Turn)
            .where(
                Turn.conversation_id == conversation_id,
                Turn.status == TurnStatus.RUNNING,
                Turn.deadline_at < moment,
            )
            .values(status=TurnStatus.FAILED, ended_at=moment, error_code=Ending.INTERRUPTED.value)
            .returning(Turn.id)
        )
        ids = (await self._tx.scalars(overdue)).all()
        if ids:
            await self._tx.execute(
                update(Message)
                .where(Message.turn_id.in_(ids), Message.role == "assistant")
                .values(status=TurnStatus.FAILED, error=Ending.INTERRUPTED.value)
            )

    async def renew(self, turn_id: str, moment: datetime) -> Turn | None:
        """Promise the turn a while longer; None: somebody has ended it."""
        query = (
            update(Turn)
            .where(Turn.id == turn_id, Turn.status == TurnStatus.RUNNING)
            .values(deadline_at=moment + timedelta(seconds=LEASE_SECONDS))
            .returning(Turn)
        )
        return await self._tx.scalar(query)

    async def ask_to_stop(self, turn_id: str, moment: datetime) -> None:
        """Note the wish; the writer finds it when it renews its promise."""
        await self._tx.execute(
            update(Turn)
            .where(Turn.id == turn_id, Turn.status == TurnStatus.RUNNING)
            .values(stop_requested_at=moment)
        )

    async def has_other_answers(self, conversation_id: str, turn_id: str) -> bool:
        """Whether another turn of the conversation came to its end."""
        query = select(Turn.id).where(
            Turn.conversation_id == conversation_id,
            Turn.status == TurnStatus.COMPLETE,
            Turn.id != turn_id,
        )
        return await self._tx.scalar(query.limit(1)) is not None

    async def finish(
        self, turn_id: str, status: TurnStatus, error_code: str | None, moment: datetime
    ) -> bool:
        """End a running turn; False: somebody else has ended it."""
        query = (
            update(Turn)
            .where(Turn.id == turn_id, Turn.status == TurnStatus.RUNNING)
            .values(status=status, error_code=error_code, ended_at=moment)
            .returning(Turn.id)
        )
        return await self._tx.scalar(query) is not None

    async def write_message(self, message_id: str, values: dict[str, Any]) -> None:
        """Change columns of a message."""
        await self._tx.execute(update(Message).where(Message.id == message_id).values(**values))
