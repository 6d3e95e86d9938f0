"""The tree of a conversation's messages: the path to one, what stands beside it, where it ends."""

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from contracts.conversations import Siblings
from gateway.conversations.rules import PastLine
from gateway.conversations.tables import Conversation, Message
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page

_MOST_PAST_MESSAGES = 400


class BranchRepository:
    """Branches inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def shown(self, conversation: Conversation, page: PageRequest) -> Rows[Message]:
        """A page of the branch that is shown. Children have later ids than their parents."""
        path = _path(conversation.id, conversation.last_message_id)
        query = select(Message).where(Message.id.in_(path))
        return await fetch_page(self._tx, query, Message.id, page)

    async def siblings(
        self, conversation_id: str, message_ids: Collection[str]
    ) -> dict[str, Siblings]:
        """message id -> its place among those that follow the same message."""
        follows, place = Message.parent_id, Message.id
        ranked = (
            select(
                Message.id.label("id"),
                func.row_number().over(partition_by=follows, order_by=place).label("place"),
                func.count().over(partition_by=follows).label("count"),
                func.lag(Message.id).over(partition_by=follows, order_by=place).label("previous"),
                func.lead(Message.id).over(partition_by=follows, order_by=place).label("next"),
            )
            .where(Message.conversation_id == conversation_id)
            .subquery()
        )
        query = select(ranked).where(ranked.c.id.in_(message_ids))
        return {
            row.id: Siblings(
                index=row.place, count=row.count, previous_id=row.previous, next_id=row.next
            )
            for row in await self._tx.execute(query)
        }

    async def past_lines(self, conversation_id: str, message_id: str | None) -> dict[str, PastLine]:
        """The branch that ends with a message, by id, with what the engine got of each; of a very
        long one the newest messages."""
        query = (
            select(Message)
            .where(Message.id.in_(_path(conversation_id, message_id)))
            .order_by(Message.id.desc())
            .limit(_MOST_PAST_MESSAGES)
        )
        return {
            each.id: PastLine(
                each.id,
                each.parent_id,
                each.role,
                each.content,
                each.prompt_content,
                each.asked_content,
            )
            for each in await self._tx.scalars(query)
        }

    async def end_below(self, conversation_id: str, message_id: str) -> str | None:
        """The newest answer that a message leads to, itself included; None: there is none."""
        below = (
            select(Message.id.label("id"), Message.role.label("role"))
            .where(Message.id == message_id, Message.conversation_id == conversation_id)
            .cte("below", recursive=True)
        )
        child = aliased(Message)
        below = below.union_all(
            select(child.id, child.role)
            .where(child.conversation_id == conversation_id)
            .join(below, child.parent_id == below.c.id)
        )
        query = select(func.max(below.c.id)).where(below.c.role == "assistant")
        end: str | None = await self._tx.scalar(query)
        return end

    async def message(self, conversation_id: str, message_id: str, role: str) -> Message | None:
        """A message of the conversation, of one role."""
        query = select(Message).where(
            Message.id == message_id,
            Message.conversation_id == conversation_id,
            Message.role == role,
        )
        return await self._tx.scalar(query)


def _path(conversation_id: str, message_id: str | None) -> Select[str]:
    """The ids from a message back to the conversation's first."""
    path = (
        select(Message.id.label("id"), Message.parent_id.label("parent_id"))
        .where(Message.id == message_id, Message.conversation_id == conversation_id)
        .cte("path", recursive=True)
    )
    parent = aliased(Message)
    path = path.union_all(
        select(parent.id, parent.parent_id).join(path, parent.id == path.c.parent_id)
    )
    return select(path.c.id)
