"""Chat completions: who is asked, what for, and the answer in OpenAI's shape."""

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from contracts.chat import (
    ChatCompletion,
    CompletionChoice,
    CompletionMessage,
    ModelView,
)
from contracts.errors import StoreError
from contracts.generation import ServedModel
from contracts.ids import new_id
from contracts.lists import Page
from gateway.allowances.service import AllowanceService
from gateway.answering.errors import ModelNotFound
from gateway.answering.rules import Asked, most_tokens, usage_view
from gateway.answering.service.answers import Answer, AnsweringService, Delta, Step
from gateway.answering.service.models import ServedModelList
from gateway.assistants.errors import AssistantNotFound, NotPublished
from gateway.assistants.rules import RunnableAssistant
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.clock import unix_seconds, utc_now
from gateway.db import Database
from gateway.openai_api.rules import (
    ChunkLines,
    IncomingCompletion,
    check_asked_of_assistant,
    check_lengths,
    check_own_name,
    history_of,
    plain_prompt,
    variables_of,
    wishes_of,
)
from gateway.quotas.service import QuotaService
from gateway.settings import ReplyLimits

log = logging.getLogger(__name__)

_ENGINES_OWNER = "stoa"


@dataclass(frozen=True)
class Completion:
    """An answer in the making, and how it is to be written."""

    answer: Answer
    request: IncomingCompletion
    completion_id: str
    created: int

    async def first(self, events: AsyncGenerator[Step | Delta, None]) -> str:
        """Text of the first words: once they are there, 200 can be said."""
        async for event in events:
            if isinstance(event, Delta):
                return event.text
        return ""

    async def lines(
        self, first: str, events: AsyncGenerator[Step | Delta, None]
    ) -> AsyncGenerator[str, None]:
        """The server-sent lines, all but the last."""
        options = self.request.stream_options
        lines = ChunkLines(
            self.completion_id,
            self.created,
            self.request.model,
            with_usage=options is not None and options.include_usage,
        )
        yield lines.opening()
        if first:
            yield lines.text(first)
        async for event in events:
            if isinstance(event, Delta):
                yield lines.text(event.text)
        answer = self.answer
        if answer.refusal is not None:
            yield lines.refusal(answer.refusal)
        if answer.annotations:
            yield lines.sources(answer.annotations)
        yield lines.closing(answer.finish_reason, answer.grounding)
        if usage := lines.usage(usage_view(answer.usage)):
            yield usage

    async def whole(self, events: AsyncGenerator[Step | Delta, None]) -> ChatCompletion:
        """The whole answer."""
        async for _ in events:
            pass
        answer = self.answer
        message = CompletionMessage(
            content=answer.content if answer.refusal is None else None,
            refusal=answer.refusal,
            annotations=answer.annotations,
        )
        return ChatCompletion(
            id=self.completion_id,
            created=self.created,
            model=self.request.model,
            choices=[CompletionChoice(message=message, finish_reason=answer.finish_reason)],
            usage=usage_view(answer.usage),
            stoa=answer.grounding,
        )


@dataclass(frozen=True)
class CompletionParts:
    """What chat completions work with."""

    database: Database
    assistants: AssistantService
    models: ServedModelList
    answering: AnsweringService
    quotas: QuotaService
    allowances: AllowanceService
    limits: ReplyLimits
    shows_unanswered: bool


class CompletionService:
    """Answers chat completions and lists what can be asked."""

    def __init__(self, parts: CompletionParts) -> None:
        self._parts = parts
        self._assistants = parts.assistants
        self._models = parts.models
        self._limits = parts.limits

    async def begin(
        self, caller: Caller, request: IncomingCompletion, only: str | None = None
    ) -> Completion:
        """Check the request and find who answers it. Nothing is generated yet.

        only: the id or slug of the assistant whose own address was called.
        """
        check_lengths(request, self._limits)
        wishes, completion_id = wishes_of(request), new_id("chatcmpl-")
        found = await self._found(caller, request.model, only)
        assistant = found if isinstance(found, RunnableAssistant) else None
        if assistant is not None:
            check_asked_of_assistant(request, caller, assistant)
        variables = variables_of(request, assistant)
        model = found if isinstance(found, ServedModel) else await self._models.of_assistant(found)
        if only is not None and assistant is not None:
            request = request.model_copy(update={"model": assistant.slug})
        texts = [message.text() for message in request.messages]
        estimate = min(most_tokens(texts, self._limits, wishes.max_tokens), model.window_tokens)
        await self._parts.quotas.reserve(caller, completion_id, estimate)
        await self._parts.allowances.take_now(self._parts.database, caller)
        asked = Asked(
            request_id=completion_id,
            caller=caller,
            assistant=assistant,
            model=model,
            question=request.messages[-1].text(),
            history=history_of(request.messages[:-1]) if assistant is not None else (),
            wishes=wishes,
            variables=variables,
        )
        prompt = plain_prompt(request.messages) if assistant is None else []
        return Completion(
            answer=self._parts.answering.begin(asked, prompt),
            request=request,
            completion_id=completion_id,
            created=unix_seconds(utc_now()),
        )

    async def models(self, caller: Caller) -> Page[ModelView]:
        """Everything the caller can name as `model`."""
        callable_ones = await self._assistants.callable_by(caller)
        assistants = [self._view(caller, each) for each in callable_ones]
        try:
            models = await self._models.all() if caller.assistant_id is None else ()
            served = [_served_view(each) for each in models]
        except StoreError as error:
            # Assistants are worth listing while the engines restart.
            log.warning("models not listed: %s", error.code)
            served = []
        data = assistants + served
        return Page(
            data=data,
            first_id=data[0].id if data else None,
            last_id=data[-1].id if data else None,
        )

    async def model(self, caller: Caller, name: str, only: str | None = None) -> ModelView:
        """One of them, by id or slug. Raises ModelNotFound."""
        found = await self._found(caller, name, only)
        if isinstance(found, ServedModel):
            return _served_view(found)
        return self._view(caller, found)

    async def _found(
        self, caller: Caller, name: str, only: str | None
    ) -> ServedModel | RunnableAssistant:
        if only is not None:
            assistant = await self._assistants.resolve(caller, only, draft=False)
            check_own_name(assistant, name)
            return assistant
        # A served model's name comes first: no slug can take its place. A key of one assistant
        # asks no bare model.
        served = await self._models.find(name) if caller.assistant_id is None else None
        if served is not None:
            return served
        try:
            return await self._assistants.resolve(caller, name, draft=False)
        except (AssistantNotFound, NotPublished) as error:
            missing = ModelNotFound(
                f"The model {name!r} does not exist, or you may not use it.", param="model"
            )
            missing.refusal = error.refusal  # in the record it is what it was
            raise missing from error

    def _view(self, caller: Caller, assistant: RunnableAssistant) -> ModelView:
        shows = self._parts.shows_unanswered and assistant.tells_builders(caller.workspace_id)
        return ModelView(
            id=assistant.slug,
            created=unix_seconds(assistant.created_at),
            owned_by=assistant.workspace_id,
            name=assistant.name,
            assistant_id=assistant.id,
            description=assistant.description,
            avatar=assistant.avatar,
            starters=list(assistant.starters),
            variables=list(assistant.variables),
            shows_unanswered=shows,
        )


def _served_view(model: ServedModel) -> ModelView:
    return ModelView(id=model.id, created=0, owned_by=_ENGINES_OWNER)
