"""The writer of a turn: runs the answer, tells it as events, leaves the turn in a final state."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from contracts.conversations import (
    ConversationFileView,
    MessageView,
    StepTaken,
    TurnEvent,
    TurnStatus,
)
from contracts.errors import StoreError
from gateway.answering.rules import Asked, usage_view
from gateway.answering.service.answers import Answer, AnsweringService, Step
from gateway.answering.service.models import ServedModelList
from gateway.assistants.filling import values_now
from gateway.assistants.rules import RunnableAssistant
from gateway.caller import Caller
from gateway.catalog.service.using import note_use
from gateway.clock import Clock, utc_now
from gateway.conversations.repository.branches import BranchRepository
from gateway.conversations.repository.conversations import ConversationRepository
from gateway.conversations.repository.turns import TurnRepository
from gateway.conversations.rules import (
    RENEW_SECONDS,
    Ending,
    history_before,
    status_after,
)
from gateway.conversations.service.contexts import kept_context
from gateway.conversations.service.files import ConversationFileService
from gateway.conversations.service.guests import Doors, DoorWatch
from gateway.conversations.service.views import message_view
from gateway.conversations.service.waiting import wait_until_read
from gateway.conversations.step_times import StepTimes
from gateway.db import Database
from gateway.metrics import TURNS
from gateway.settings import ReplyLimits
from gateway.turn_stream import Signals, TurnStream, TurnStreamUnavailable
from gateway.usage.repository import LedgerRepository
from runtime import telemetry

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class BegunTurn:
    """A turn whose rows are there."""

    turn_id: str
    conversation_id: str
    question_id: str
    answer_id: str
    caller: Caller
    assistant: RunnableAssistant
    variables: Mapping[str, str]
    is_temporary: bool

    @property
    def is_use(self) -> bool:
        """It counts in the store: no trial of the draft, no guest, and nothing that leaves no
        trace."""
        is_kept = not self.is_temporary and self.caller.visits is None
        return self.assistant.version is not None and is_kept

    @property
    def is_at_home(self) -> bool:
        """The assistant is of the workspace that asks, and no guest does."""
        is_own = self.assistant.workspace_id == self.caller.workspace_id
        return is_own and self.caller.visits is None


@dataclass(frozen=True)
class Failure:
    """Why a turn failed: a code for programs, words for people."""

    code: str
    words: str


class Teller:
    """Numbers the events of one turn, and takes the times of its steps. A stream that is away
    costs events, never the answer."""

    def __init__(self, stream: TurnStream, turn_id: str) -> None:
        self._stream = stream
        self._turn_id = turn_id
        self._last_id = 0
        self.times = StepTimes()

    async def tell(self, event: TurnEvent) -> None:
        """Add the event under the next id."""
        if event.type == "status":
            # How far a file that is waited for was read is of that moment alone.
            detail = {} if event.filename else event.detail
            self.times.begin(event.text, detail)
        try:
            await self._stream.append(
                self._turn_id, event.model_copy(update={"id": self._last_id + 1})
            )
            self._last_id += 1
        except TurnStreamUnavailable:
            log.warning("an event of %s was not told", self._turn_id)

    async def end(self) -> None:
        """Nothing follows."""
        try:
            await self._stream.end(self._turn_id)
        except TurnStreamUnavailable:
            log.warning("the stream of %s was not ended", self._turn_id)

    async def forget(self) -> None:
        """The conversation has ended meanwhile, and nothing of it is kept."""
        try:
            await self._stream.forget(self._turn_id)
        except TurnStreamUnavailable:
            log.warning("the stream of %s was not forgotten", self._turn_id)


@dataclass(frozen=True)
class WritingParts:
    """What a writer works with. door_seconds: how often a guest's door is looked at."""

    database: Database
    models: ServedModelList
    answering: AnsweringService
    stream: TurnStream
    files: ConversationFileService
    limits: ReplyLimits
    doors: Doors
    door_seconds: float
    clock: Clock = utc_now


class AnswerWriting:
    """Writes the answers of turns, each in a task of its own."""

    def __init__(self, parts: WritingParts) -> None:
        self._parts = parts

    async def run(self, turn: BegunTurn) -> None:
        """From question to final state, whatever happens on the way."""
        with TURNS.track_inprogress(), telemetry.span("turn"):
            await self._run(turn)

    async def _run(self, turn: BegunTurn) -> None:
        teller = Teller(self._parts.stream, turn.turn_id)
        answer: Answer | None = None
        outcome: Ending | Failure | None = Ending.INTERRUPTED
        try:
            answer = await self._begun_answer(turn)
            outcome = await self._written(turn, answer, teller)
        except StoreError as error:
            outcome = Failure(error.code, error.message)
        except Exception:
            log.exception("turn %s failed", turn.turn_id)
            outcome = Failure("internal_error", "Something failed on our side.")
        finally:
            # Also when the process shuts down and this task is cancelled.
            await self._finish(turn, answer, outcome, teller)

    async def _begun_answer(self, turn: BegunTurn) -> Answer:
        attached = await self._parts.files.grants(turn.caller, turn.conversation_id)
        async with self._parts.database.transaction() as tx:
            lines = await BranchRepository(tx).past_lines(turn.conversation_id, turn.question_id)
        question = lines[turn.question_id]
        asked = Asked(
            request_id=turn.turn_id,
            caller=turn.caller,
            assistant=turn.assistant,
            model=await self._parts.models.of_assistant(turn.assistant),
            question=question.content,
            history=tuple(history_before(question.parent_id, lines)),
            # The ledger's row stays; of a temporary conversation not even the id may.
            conversation_id=None if turn.is_temporary else turn.conversation_id,
            variables=values_now(turn.assistant.variables, turn.variables),
            attached=attached,
        )
        return self._parts.answering.begin(asked)

    async def _written(
        self, turn: BegunTurn, answer: Answer, teller: Teller
    ) -> Ending | Failure | None:
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(self._told(turn, answer, teller))
            watching = group.create_task(self._watched(turn))
            await asyncio.wait({telling, watching}, return_when=asyncio.FIRST_COMPLETED)
            # Cancelling closes the answer's events, and with them the engine's work.
            telling.cancel()
            watching.cancel()
        return watching.result() if telling.cancelled() else telling.result()

    async def _told(self, turn: BegunTurn, answer: Answer, teller: Teller) -> Failure | None:
        try:
            if answer.asked.attached:
                await self._files_read(turn, teller)
            async with aclosing(answer.events()) as events:
                async for event in events:
                    if isinstance(event, Step):
                        await teller.tell(await self._step_event(answer.asked, event))
                    else:
                        await teller.tell(TurnEvent(id=0, type="delta", text=event.text))
        except StoreError as error:
            return Failure(error.code, error.message)
        return None

    async def _files_read(self, turn: BegunTurn, teller: Teller) -> None:
        async def tell(file: ConversationFileView) -> None:
            detail = {"percent": file.progress.percent}
            await teller.tell(
                TurnEvent(
                    id=0, type="status", text="reading_file", filename=file.filename, detail=detail
                )
            )

        parts = self._parts
        most_seconds = parts.limits.attached_file_seconds
        await wait_until_read(parts.files, turn.caller, turn.conversation_id, most_seconds, tell)

    async def _step_event(self, asked: Asked, step: Step) -> TurnEvent:
        detail = step.detail
        if step.name == "searching":
            collections = [grant.collection_id for grant in asked.grants]
            async with self._parts.database.transaction() as tx:
                count = await ConversationRepository(tx).document_count(collections)
            detail = {"documents": count}
        return TurnEvent(id=0, type="status", text=step.name, detail=detail)

    async def _watched(self, turn: BegunTurn) -> Ending:
        """Returns when the turn must end before its answer does."""
        ends_at = time.monotonic() + self._parts.limits.turn_seconds
        renew_at = 0.0
        door = DoorWatch(self._parts.doors, turn.caller, self._parts.door_seconds)
        while time.monotonic() < ends_at:
            signals = await self._signals(turn.turn_id)
            if signals.is_stop_asked:
                return Ending.STOPPED
            if not signals.has_reader:
                return Ending.NO_READER
            if await door.is_closed():
                return Ending.DOOR_CLOSED
            if time.monotonic() >= renew_at:
                ending = await self._renewed(turn.turn_id)
                if ending is not None:
                    return ending
                renew_at = time.monotonic() + RENEW_SECONDS
            await asyncio.sleep(_LOOK_SECONDS)
        return Ending.TIME_LIMIT

    async def _signals(self, turn_id: str) -> Signals:
        try:
            return await self._parts.stream.signals(turn_id)
        except TurnStreamUnavailable:
            # Not knowing of a reader is no reason to stop writing.
            return Signals(has_reader=True, is_stop_asked=False)

    async def _renewed(self, turn_id: str) -> Ending | None:
        async with self._parts.database.transaction() as tx:
            turn = await TurnRepository(tx).renew(turn_id, self._parts.clock())
        if turn is None:
            return Ending.INTERRUPTED
        return None if turn.stop_requested_at is None else Ending.STOPPED

    async def _finish(
        self,
        turn: BegunTurn,
        answer: Answer | None,
        outcome: Ending | Failure | None,
        teller: Teller,
    ) -> None:
        view = await self._saved(turn, answer, outcome, teller.times.taken())
        if view is not None and view.status is TurnStatus.FAILED:
            words = outcome.words if isinstance(outcome, Failure) else "The answer broke off."
            await teller.tell(
                TurnEvent(id=0, type="failed", text=words, code=view.error, message=view)
            )
        elif view is not None:
            await teller.tell(TurnEvent(id=0, type="message", message=view))
        if view is None and (turn.is_temporary or turn.caller.visits is not None):
            await teller.forget()
        else:
            await teller.end()

    async def _saved(
        self,
        turn: BegunTurn,
        answer: Answer | None,
        outcome: Ending | Failure | None,
        steps: Sequence[StepTaken],
    ) -> MessageView | None:
        """The final answer as it was stored; None: somebody else had ended the turn."""
        status, error = _final_state(outcome)
        now = self._parts.clock()
        async with self._parts.database.transaction() as tx:
            turns, conversations = TurnRepository(tx), ConversationRepository(tx)
            await conversations.hold(turn.conversation_id)
            if not await turns.finish(turn.turn_id, status, error, now):
                return None
            written: dict[str, object] = {"status": status.value, "error": error}
            if isinstance(outcome, Failure):
                written["error_words"] = outcome.words
            if answer is not None:
                written |= _written_columns(answer, steps)
            if answer is not None and answer.plan is not None and answer.raw_text:
                written["asked_content"] = answer.plan.messages[-1].content
            await turns.write_message(turn.answer_id, written)
            if answer is not None and answer.plan is not None:
                turns.keep_context(kept_context(turn.turn_id, answer.plan, turn.is_at_home))
            await conversations.touch(turn.conversation_id, now, turn.assistant.version)
            if status is TurnStatus.COMPLETE and turn.is_use:
                is_first = not await turns.has_other_answers(turn.conversation_id, turn.turn_id)
                await note_use(tx, turn.caller, turn.assistant.id, now, is_first=is_first)
            _, message = await turns.messages(turn.turn_id)
            beside = await BranchRepository(tx).siblings(turn.conversation_id, [message.id])
            is_told = turn.caller.visits is None
            charged = await LedgerRepository(tx).of_request(turn.turn_id) if is_told else None
        return message_view(message, beside[message.id], charged=charged)


def _final_state(outcome: Ending | Failure | None) -> tuple[TurnStatus, str | None]:
    if isinstance(outcome, Failure):
        return TurnStatus.FAILED, outcome.code
    error = None if outcome in (None, Ending.STOPPED) else outcome
    return status_after(outcome), None if error is None else error.value


def _written_columns(answer: Answer, steps: Sequence[StepTaken]) -> dict[str, object]:
    usage = usage_view(answer.usage).model_dump(mode="json")
    return {
        "content": answer.content,
        "prompt_content": answer.raw_text or None,
        "annotations": [each.model_dump(mode="json") for each in answer.annotations],
        "unsupported": [each.model_dump(mode="json") for each in answer.unsupported],
        "usage": {**usage, "steps": [each.model_dump(mode="json") for each in steps]},
    }
