"""Turns: a question is asked, its answer is read as it comes, re-read, or stopped."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from contracts.conversations import Siblings, TurnCreate, TurnEvent, TurnStatus, TurnView
from contracts.ids import new_id
from gateway.allowances.service import AllowanceService
from gateway.answering.rules import check_length, most_tokens
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.conversations.errors import (
    MessageNotFound,
    ParentNotFound,
    TooManyTurns,
    TurnInProgress,
)
from gateway.conversations.repository.branches import BranchRepository
from gateway.conversations.repository.feedback import FeedbackRepository
from gateway.conversations.repository.sources import CONVERSATIONS, TURNS
from gateway.conversations.repository.turns import TurnRepository
from gateway.conversations.rules import LEASE_SECONDS, title_of
from gateway.conversations.service.views import turn_view
from gateway.conversations.service.writing import AnswerWriting, BegunTurn
from gateway.conversations.tables import Conversation, Message, Turn
from gateway.db import Database, Transaction
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action
from gateway.quotas.service import QuotaService
from gateway.settings import ReplyLimits
from gateway.turn_stream import TurnStream
from gateway.usage.repository import LedgerRepository
from runtime.background import Background

_WAIT_SECONDS = 2.0
_LAST = ("message", "failed")


@dataclass(frozen=True)
class TurnParts:
    """What turns work with."""

    database: Database
    assistants: AssistantService
    quotas: QuotaService
    stream: TurnStream
    writing: AnswerWriting
    background: Background
    allowances: AllowanceService
    limits: ReplyLimits
    clock: Clock = utc_now


@dataclass(frozen=True)
class Again:
    """A question that is to be answered once more."""

    question_id: str
    text: str


class TurnService:
    """What a member does with turns. A turn belongs to its conversation, not to a page."""

    def __init__(self, parts: TurnParts) -> None:
        self._parts = parts

    async def begin(self, caller: Caller, conversation_id: str, asked: TurnCreate) -> TurnView:
        """Ask, and let the answer be written in the background."""
        check_length(asked.text, self._parts.limits, "text")
        return await self._begin(caller, conversation_id, asked)

    async def regenerate(self, caller: Caller, turn_id: str) -> TurnView:
        """Let a turn's question be answered once more, beside its former answers."""
        async with self._parts.database.transaction() as tx:
            turn = await load(tx, caller, Action.USE, TURNS, turn_id)
            question, _ = await TurnRepository(tx).messages(turn.id)
        again = Again(question.id, question.content)
        return await self._begin(caller, turn.conversation_id, again)

    async def _begin(
        self, caller: Caller, conversation_id: str, asked: TurnCreate | Again
    ) -> TurnView:
        parts = self._parts
        if parts.background.is_full:
            raise TooManyTurns("Too many answers are being written.", retry_after_seconds=5)
        async with parts.database.transaction() as tx:
            conversation = await load(tx, caller, Action.USE, CONVERSATIONS, conversation_id)
        assistant = await parts.assistants.resolve(
            caller, conversation.assistant_id, draft=conversation.assistant_version is None
        )
        turn_id = new_id("turn_")
        await parts.quotas.reserve(caller, turn_id, most_tokens([asked.text], parts.limits))
        # The asker counts as a reader until the page has had time to open the stream.
        await parts.stream.be_present(turn_id, parts.limits.no_reader_seconds)
        async with parts.database.transaction() as tx:
            turn, question, answer = await self._asked(tx, caller, conversation_id, turn_id, asked)
            siblings = await _siblings(tx, question, answer)
            # Last: whatever refuses the turn before gives a guest's place back.
            await parts.allowances.take(tx, caller)
        begun = BegunTurn(
            turn_id=turn.id,
            conversation_id=conversation_id,
            question_id=question.id,
            answer_id=answer.id,
            caller=caller,
            assistant=assistant,
            variables=conversation.variables,
            is_temporary=conversation.expires_at is not None,
        )
        parts.background.start(parts.writing.run(begun), name=turn.id)
        return turn_view(turn, question, answer, siblings)

    async def get(self, caller: Caller, turn_id: str) -> TurnView:
        """How a turn stands."""
        async with self._parts.database.transaction() as tx:
            return await self._view(tx, caller, turn_id)

    async def stop(self, caller: Caller, turn_id: str) -> TurnView:
        """Ask the writer to stop; what is written stays."""
        async with self._parts.database.transaction() as tx:
            turn = await load(tx, caller, Action.EDIT, TURNS, turn_id)
            await TurnRepository(tx).ask_to_stop(turn.id, self._parts.clock())
            view = await self._view(tx, caller, turn_id)
        if view.answer.status is TurnStatus.RUNNING:
            await self._parts.stream.ask_to_stop(turn_id)
        return view

    async def events(
        self, caller: Caller, turn_id: str, after: int
    ) -> AsyncGenerator[TurnEvent, None]:
        """The turn's events after a given one; ends with its last."""
        stream, last_read = self._parts.stream, after
        present_seconds = self._parts.limits.no_reader_seconds
        while True:
            await stream.be_present(turn_id, present_seconds)
            # Back well before the presence runs out.
            wait_seconds = min(_WAIT_SECONDS, present_seconds / 3)
            events = await stream.read(turn_id, last_read, wait_seconds)
            for event in events:
                last_read = event.id
                yield event
                if event.type in _LAST:
                    return
            if events:
                continue
            view = await self.get(caller, turn_id)
            if view.answer.status is not TurnStatus.RUNNING:
                for event in await self._left(view, last_read):
                    yield event
                return

    async def _left(self, view: TurnView, last_read: int) -> list[TurnEvent]:
        """What a reader of an ended turn has not seen: its writer may have died without a word,
        and an hour later the stream itself is forgotten."""
        told = await self._parts.stream.read(view.id, 0, 0)
        left = [event for event in told if event.id > last_read]
        is_told_to_the_end = bool(told) and told[-1].type in _LAST
        return left if is_told_to_the_end else [*left, last_event(view, told, last_read)]

    async def _asked(
        self,
        tx: Transaction,
        caller: Caller,
        conversation_id: str,
        turn_id: str,
        asked: TurnCreate | Again,
    ) -> tuple[Turn, Message, Message]:
        """Question, answer and turn, all or none of them."""
        now = self._parts.clock()
        conversation = await load(
            tx, caller, Action.USE, CONVERSATIONS, conversation_id, Hold.ALONE
        )
        turns = TurnRepository(tx)
        await turns.fail_overdue(conversation.id, now)
        if await turns.running_in(conversation.id) is not None:
            raise TurnInProgress(
                "This conversation is still being answered.", retry_after_seconds=2
            )
        turn = Turn(
            id=turn_id,
            conversation_id=conversation.id,
            member_id=caller.member_id,
            status=TurnStatus.RUNNING.value,
            deadline_at=now + timedelta(seconds=LEASE_SECONDS),
            created_at=now,
        )
        # A message names its turn and the one it follows: each goes in before what names it.
        tx.add(turn)
        await tx.flush()
        question = await _question(tx, conversation, turn, asked)
        tx.add(question)
        await tx.flush()
        answer = _message(turn, _id_after(question.id), "assistant", question.id)
        tx.add(answer)
        await tx.flush()
        conversation.title = conversation.title or title_of(asked.text)
        conversation.last_message_id, conversation.updated_at = answer.id, now
        return turn, question, answer

    async def _view(self, tx: Transaction, caller: Caller, turn_id: str) -> TurnView:
        turn = await load(tx, caller, Action.SEE, TURNS, turn_id)
        turns = TurnRepository(tx)
        await turns.fail_overdue(turn.conversation_id, self._parts.clock())
        question, answer = await turns.messages(turn.id)
        feedback = (await FeedbackRepository(tx).of([answer.id])).get(answer.id)
        siblings = await _siblings(tx, question, answer)
        is_told = caller.visits is None  # what it cost is the affair of those who pay for it
        charged = await LedgerRepository(tx).of_request(turn.id) if is_told else None
        return turn_view(turn, question, answer, siblings, feedback, charged)


def last_event(view: TurnView, told: Sequence[TurnEvent], last_read: int) -> TurnEvent:
    """The end of a turn, for a stream that does not have it."""
    answer, event_id = view.answer, max(last_read, told[-1].id if told else 0) + 1
    if answer.status is TurnStatus.FAILED:
        return TurnEvent(id=event_id, type="failed", code=answer.error, message=answer)
    return TurnEvent(id=event_id, type="message", message=answer)


async def _question(
    tx: Transaction, conversation: Conversation, turn: Turn, asked: TurnCreate | Again
) -> Message:
    """The question to answer: a new one, or the one that is answered again."""
    branches = BranchRepository(tx)
    if isinstance(asked, Again):
        known = await branches.message(conversation.id, asked.question_id, "user")
        if known is None:
            raise MessageNotFound("The question is not there any more.")
        return known
    question = _message(turn, new_id("msg_"), "user", await _parent(branches, conversation, asked))
    question.content, question.status = asked.text, TurnStatus.COMPLETE.value
    return question


async def _parent(
    branches: BranchRepository, conversation: Conversation, asked: TurnCreate
) -> str | None:
    """What a new question follows; None: it is the conversation's first, or a wording of that."""
    if asked.edits is not None:
        edited = await branches.message(conversation.id, asked.edits, "user")
        if edited is None:
            raise MessageNotFound(f"There is no question {asked.edits} here.", param="edits")
        return edited.parent_id
    if asked.parent_id is None:
        return conversation.last_message_id
    if await branches.message(conversation.id, asked.parent_id, "assistant") is None:
        raise ParentNotFound(f"There is no answer {asked.parent_id} here.", param="parent_id")
    return asked.parent_id


async def _siblings(tx: Transaction, question: Message, answer: Message) -> dict[str, Siblings]:
    ids = [question.id, answer.id]
    return await BranchRepository(tx).siblings(question.conversation_id, ids)


def _id_after(message_id: str) -> str:
    # Two ids of one millisecond sort by chance, and branches are read in the order of ids.
    while (later := new_id("msg_")) <= message_id:
        pass
    return later


def _message(turn: Turn, message_id: str, role: str, parent_id: str | None) -> Message:
    return Message(
        id=message_id,
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        parent_id=parent_id,
        role=role,
        content="",
        annotations=[],
        status=turn.status,
        created_at=turn.created_at,
    )
