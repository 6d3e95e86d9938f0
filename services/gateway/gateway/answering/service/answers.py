"""From a question to its answer, for chat completions and for conversations alike."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from contracts.assistants import GroundingMode
from contracts.chat import Annotation, Grounding, TextSpan
from contracts.clients.inference import InferenceClient
from contracts.generation import (
    EngineUsage,
    FinishReason,
    GenerationRequest,
    PromptMessage,
)
from gateway.answering.errors import EngineStopped
from gateway.answering.rules import (
    Asked,
    Meter,
    answer_tokens,
    bounds_of_call,
    generation_request,
    occasion_of,
    passage_tokens,
    recent,
    system_of,
)
from gateway.answering.service.finding import PassageFinder
from gateway.answering.service.rewriting import Rewriting, Rewritten
from gateway.answering.service.settling import Settling
from gateway.answering.service.writers import PlainWriter, Writer
from gateway.assistants.rules import RunnableAssistant
from gateway.charges import Charges
from gateway.citations.rules.silence import Silence
from gateway.citations.service import CitationService
from gateway.knowledge.rules import LoadedPassage
from gateway.metrics import note_answer
from gateway.planning.rules import (
    Budget,
    Material,
    Plan,
)
from gateway.planning.service import PlanningService
from gateway.planning.wording import all_not_found_words
from gateway.settings import ReplyLimits
from runtime import telemetry
from runtime.background import Background
from runtime.stopping import Stopping

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """A step that has begun: searching, reading (the engine reads the prompt), writing."""

    name: Literal["searching", "reading", "writing"]
    detail: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Delta:
    """Text to append. It never changes afterwards."""

    text: str


@dataclass(frozen=True)
class AnsweringParts:
    """What answering works with."""

    inference: InferenceClient
    finder: PassageFinder
    charges: Charges
    rewriting: Rewriting
    planning: PlanningService
    citations: CitationService
    settling: Settling
    background: Background
    limits: ReplyLimits
    stopping: Stopping
    today: Callable[[], date]
    """The day, where the installation is."""


class AnsweringService:
    """Begins answers."""

    def __init__(self, parts: AnsweringParts) -> None:
        self._parts = parts

    def begin(self, asked: Asked, plain_messages: Sequence[PromptMessage] = ()) -> "Answer":
        """An answer in the making; nothing happens until its events are read."""
        return Answer(self._parts, asked, plain_messages)


class Answer:
    """One answer: read `events`, then look at the rest. Close the events to abort the engine."""

    def __init__(
        self, parts: AnsweringParts, asked: Asked, plain_messages: Sequence[PromptMessage]
    ) -> None:
        self._parts = parts
        self._asked = asked
        self._plain_messages = plain_messages
        self._meter = Meter()
        self._rewritten = Rewritten()
        self._writer: Writer = PlainWriter()
        self._is_said_without_model = False
        self.plan: Plan | None = None
        self.raw_text = ""
        self.refusal: str | None = None

    @property
    def asked(self) -> Asked:
        """The question."""
        return self._asked

    @property
    def content(self) -> str:
        """The answer so far, markers included."""
        return self._writer.content

    @property
    def annotations(self) -> list[Annotation]:
        """The sources of the markers in `content`."""
        return self._writer.annotations

    @property
    def unsupported(self) -> list[TextSpan]:
        """The sentences of `content` that no passage supports, where they should be."""
        is_free = self._asked.grounding_mode is GroundingMode.FREE
        return [] if is_free else self._writer.unsupported

    @property
    def usage(self) -> EngineUsage:
        """The engine's count so far; it equals the ledger row once the events have ended."""
        prompt_tokens = self.plan.prompt_tokens if self.plan and self._meter.first_token_ms else 0
        return self._meter.charged() or EngineUsage(
            input_tokens=prompt_tokens, output_tokens=0, estimated=not self._is_said_without_model
        )

    @property
    def finish_reason(self) -> FinishReason:
        """Why the engine stopped."""
        return self._meter.finish_reason or "stop"

    @property
    def grounding(self) -> Grounding:
        """What the answer rests on."""
        assistant = self._asked.assistant
        cited: Literal["passages", "none"] = "passages" if self.annotations else "none"
        return Grounding(
            grounding=cited if self._asked.is_grounded else "off",
            unsupported=self.unsupported,
            assistant_id=assistant.id if assistant else None,
            assistant_version=assistant.version if assistant else None,
        )

    async def events(self) -> AsyncGenerator[Step | Delta, None]:
        """Search, read, plan, write, cite, settle."""
        outcome, started = "cancelled", time.monotonic()
        try:
            async with aclosing(self._parts.stopping.guarded(self._answered())) as steps:
                async for step in steps:
                    yield step
            outcome = "complete"
        except Exception:
            outcome = "failed"
            raise
        finally:
            note_answer(
                outcome,
                self.grounding.grounding,
                self.usage,
                self._meter.first_token_ms,
                time.monotonic() - started,
            )
            # Nobody waits for this: the next call only has a little more room when it is done.
            used = self._rewritten.tokens + self.usage.input_tokens + self.usage.output_tokens
            correcting = self._parts.settling.correct_quota(self._asked, used)
            self._parts.background.start(correcting, name="quota")

    async def _answered(self) -> AsyncGenerator[Step | Delta, None]:
        asked = self._asked
        await self._parts.settling.check(asked)
        passages: Sequence[LoadedPassage] = ()
        beside: Sequence[LoadedPassage] = ()
        if asked.is_grounded:
            yield Step("searching")
            self._rewritten = await self._parts.rewriting.stand_alone(asked)
            passages = await self._parts.finder.relevant(asked, self._rewritten.question)
            is_silent = asked.grounding_mode is GroundingMode.DOCUMENTS_ONLY
            if is_silent and not passages and not asked.history:
                for said in self._not_found():
                    yield said
                return
            beside = await self._parts.finder.beside(asked, passages)
        if asked.assistant is not None:
            self.plan = await self._planned(asked.assistant, passages, beside)
            yield Step("reading", _reading_detail(self.plan))
        async with aclosing(self._generated()) as steps:
            async for step in steps:
                yield step

    def _not_found(self) -> Sequence[Delta]:
        # No model is asked: without a passage it could only make something up.
        words = self._asked.not_found_words
        self._is_said_without_model = True
        self._meter.finish_reason = "stop"
        if self._asked.wishes.json_schema is not None:
            # Words would not be JSON: OpenAI's shape has a place for them beside the content.
            self.refusal = words
            return ()
        self.raw_text = self._writer.content = words
        return (Delta(words),)

    async def _planned(
        self,
        assistant: RunnableAssistant,
        passages: Sequence[LoadedPassage],
        beside: Sequence[LoadedPassage],
    ) -> Plan:
        asked, limits, planning = self._asked, self._parts.limits, self._parts.planning
        budget = Budget(
            window_tokens=asked.model.window_tokens,
            answer_tokens=answer_tokens(asked.model, limits, asked.wishes),
            passage_tokens=passage_tokens(asked.model, limits, asked.retrieval.amount),
            overhead=await planning.overhead(asked.principal, asked.model.id),
        )
        material = Material(
            system=system_of(asked, assistant, self._parts.today()),
            history=recent(asked.history, asked.model),
            passages=tuple(passages),
            question=asked.question,
            beside=tuple(each for each in beside if each not in passages),
        )
        return await planning.plan(asked.principal, asked.model.id, material, budget)

    async def _generated(self) -> AsyncGenerator[Step | Delta, None]:
        self._writer = self._chosen_writer()
        self._meter = Meter()
        messages = list(self.plan.messages if self.plan else self._plain_messages)
        request = generation_request(self._asked, messages, self._parts.limits)
        await self._reserve(request)
        rest = ""
        try:
            async with aclosing(self._heard(request)) as steps:
                async for step in steps:
                    yield step
            rest = await self._finished_text()
            self._meter.status = "complete"
        except Exception:
            self._meter.status = "failed"
            raise
        finally:
            # Begun before anything is waited for: a reader who leaves cannot prevent it.
            embedded = self._writer.embedded
            self._parts.charges.cited(occasion_of(self._asked), self._asked.request_id, embedded)
            await self._settle()
        if rest:
            yield Delta(rest)

    async def _reserve(self, request: GenerationRequest) -> None:
        asked, planning = self._asked, self._parts.planning
        if self.plan is not None:
            prompt_tokens = self.plan.prompt_tokens
        else:
            prompt_tokens = await planning.prompt_tokens(asked.principal, request)
        bounds = bounds_of_call(asked.model, prompt_tokens, request.max_tokens)
        settling = self._parts.settling
        try:
            await settling.reserve(asked, self._meter, bounds)
        except asyncio.CancelledError:
            # It may have been held all the same, and nobody would let go of it.
            self._parts.background.start(settling.release(asked), name="release")
            raise

    async def _heard(self, request: GenerationRequest) -> AsyncGenerator[Step | Delta, None]:
        """What the engine says, as it may be shown."""
        principal = self._asked.principal
        generating = telemetry.streamed(
            "generate",
            self._parts.inference.generate(principal, request),
            is_first=lambda chunk: bool(chunk.text),
        )
        async with aclosing(generating) as chunks:
            has_begun = False
            async for chunk in chunks:
                self._meter.hear(chunk)
                if not has_begun:
                    has_begun = True
                    yield Step("writing")
                if chunk.text and self._writer.is_silent:
                    self._meter.finish_reason = "stop"
                    return
                self.raw_text += chunk.text
                if chunk.text and (shown := await self._writer.write(chunk.text)):
                    yield Delta(shown)

    async def _finished_text(self) -> str:
        if self._meter.finish_reason is None:
            raise EngineStopped("The engine stopped in the middle of the answer.")
        rest = await self._writer.finish()
        if self._writer.is_silent:
            # The next turn reads what was said, not what was kept back.
            self.raw_text = self._writer.content
        return rest

    def _chosen_writer(self) -> Writer:
        asked = self._asked
        if asked.assistant is None or self.plan is None or asked.wishes.json_schema is not None:
            return PlainWriter()
        mode = asked.grounding_mode
        if not self.plan.passages and mode is not GroundingMode.DOCUMENTS_FIRST:
            return PlainWriter()
        configured = asked.assistant.not_found_words
        is_only = mode is GroundingMode.DOCUMENTS_ONLY
        silence = Silence(
            words=all_not_found_words(configured),
            shown=asked.not_found_words,
            is_strict=is_only and asked.model.is_small and not asked.history,
            ends_answer=is_only,
        )
        return self._parts.citations.writer(
            asked.principal, self.plan.blocks, silence, asked.question
        )

    async def _settle(self) -> None:
        """Write the ledger row, whatever ended the answer. Held in the background, because the
        reader who left takes this task's right to wait along."""
        if self._meter.usage is None and self._meter.status == "failed":
            # Refused before the engine did anything.
            writing = self._parts.settling.release(self._asked)
        else:
            writing = self._parts.settling.write(self._asked, self.usage, self._meter)
        task = self._parts.background.start(writing, name="settle")
        await asyncio.shield(task)


def _reading_detail(plan: Plan) -> dict[str, int]:
    documents = {passage.document_id for passage in plan.passages}
    return {"passages": len(plan.passages), "documents": len(documents)}
