"""Conversations, messages and turns, and which facts decide on them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from contracts.conversations import TurnStatus
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.conversations.errors import ConversationNotFound, TurnNotFound
from gateway.conversations.rules import LEASE_SECONDS, Ending, PastLine
from gateway.conversations.tables import Conversation, Message, Turn, TurnContext
from gateway.db import Transaction
from gateway.knowledge.tables import Document
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source, may
from gateway.policy.rules import Asker
from gateway.policy.words import Action, Kind

_MOST_PAST_MESSAGES = 400


def _missing(conversation_id: str) -> ConversationNotFound:
    return ConversationNotFound(f"There is no conversation {conversation_id}.")


CONVERSATIONS = Source(
    kind=Kind.CONVERSATION,
    row=Conversation,
    id=Conversation.id,
    workspace_id=Conversation.workspace_id,
    owned_by=lambda member_id: Conversation.member_id == member_id,
    missing=_missing,
    exists=Conversation.deleted_at.is_(None),
)


def _missing_turn(turn_id: str) -> TurnNotFound:
    return TurnNotFound(f"There is no turn {turn_id}.")


_WORKSPACE_OF_TURN = (
    select(Conversation.workspace_id)
    .where(Conversation.id == Turn.conversation_id, Conversation.deleted_at.is_(None))
    .scalar_subquery()
)

TURNS = Source(
    kind=Kind.CONVERSATION,
    row=Turn,
    id=Turn.id,
    workspace_id=_WORKSPACE_OF_TURN,
    owned_by=lambda member_id: Turn.member_id == member_id,
    missing=_missing_turn,
    exists=_WORKSPACE_OF_TURN.is_not(None),
)
"""A turn is found by its own id, and stands and falls with its conversation."""


class Partner(NamedTuple):
    """The assistant of a conversation: its name, whose it is, and the collections it reads."""

    name: str
    workspace_id: str
    collection_ids: frozenset[str]


class ConversationRepository:
    """Conversations and their messages inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, row: Conversation | Turn | Message) -> None:
        """Make it part of this transaction."""
        self._tx.add(row)

    async def flush(self) -> None:
        """Send what was added, in this order."""
        await self._tx.flush()

    async def seen_by(self, asker: Asker, page: PageRequest) -> Rows[Conversation]:
        """The asker's conversations."""
        query = select(Conversation).where(may(asker, Action.SEE, CONVERSATIONS))
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
            row[0]: Partner(row[1] or "", row[2], frozenset(row[3] or row[4] or ()))
            for row in await self._tx.execute(query)
        }

    async def messages(self, conversation_id: str, page: PageRequest) -> Rows[Message]:
        """A page of a conversation's messages."""
        query = select(Message).where(Message.conversation_id == conversation_id)
        return await fetch_page(self._tx, query, Message.id, page)

    async def past_lines(self, conversation_id: str) -> dict[str, PastLine]:
        """The newest messages by id, with what the engine got of them."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation_id)
            .order_by(Message.id.desc())
            .limit(_MOST_PAST_MESSAGES)
        )
        return {
            each.id: PastLine(each.id, each.parent_id, each.role, each.content, each.prompt_content)
            for each in await self._tx.scalars(query)
        }

    async def contents(self, conversation_id: str, message_ids: Sequence[str]) -> dict[str, str]:
        """message id -> what it says, of messages of this conversation."""
        query = select(Message.id, Message.content).where(
            Message.conversation_id == conversation_id, Message.id.in_(message_ids)
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def answer(self, conversation_id: str, message_id: str) -> Message | None:
        """An answer of the conversation: what a question may follow."""
        query = select(Message).where(
            Message.id == message_id,
            Message.conversation_id == conversation_id,
            Message.role == "assistant",
        )
        return await self._tx.scalar(query)

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

    async def messages(self, turn_id: str) -> tuple[Message, Message]:
        """Question and answer."""
        query = select(Message).where(Message.turn_id == turn_id).order_by(Message.id)
        question, answer = (await self._tx.scalars(query)).all()
        return question, answer

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
