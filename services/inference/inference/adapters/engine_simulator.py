"""The engine port without a model: paced, seeded, scripted; for exact and for load tests."""

import asyncio
import itertools
import json
import random
import re
import secrets
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.engines import Tokens
from contracts.generation import (
    CountResult,
    EngineUsage,
    FinishReason,
    GenerationChunk,
    GenerationRequest,
    PromptMessage,
)
from inference.adapters.simulator_text import (
    found_answer,
    instance_of,
    last_user_text,
    prompt_tokens,
    tokens_of,
)
from inference.errors import EngineFailed, EngineUnavailable, prompt_too_long
from inference.ports import EngineCount
from inference.settings import ScriptRule, SimulatorSettings

CALLS_KEPT = 10_000
PROMPTS_KEPT = 64


@dataclass
class SimulatedCall:
    """One line of the simulator's own ledger, to compare ours with."""

    model: str
    usage: EngineUsage
    outcome: Literal["running", "stop", "length", "aborted", "failed"] = "running"


class SimulatorEngine:
    """Answers from a script, or with the best sentence of the passages it is shown."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self.id = f"simulator:{settings.model}"
        self.model = settings.model
        self.window_tokens = settings.window_tokens
        self.slots = settings.slots
        self.calls: deque[SimulatedCall] = deque(maxlen=CALLS_KEPT)
        self.counted = Tokens()
        """The sum of all calls, the forgotten ones too. As engines do, it counts a prompt with the
        first token of its answer."""
        self._boot, self._since = secrets.token_hex(4), time.time()
        self._settings = settings
        self._rules = [(re.compile(rule.pattern), rule) for rule in settings.rules]
        self._random = random.Random(settings.seed)  # noqa: S311 -- jitter, not a secret
        self._read_prompts: deque[tuple[str | None, list[str]]] = deque(maxlen=PROMPTS_KEPT)
        self._dead_until = 0.0

    @property
    def is_up(self) -> bool:
        """A rule with `die_at_token` takes it down for `dead_seconds`."""
        return time.monotonic() >= self._dead_until

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationChunk, None]:
        """Stream the scripted answer, token by token."""
        prompt = self._accepted(request)
        rule = self._rule_for(request.messages)
        usage = EngineUsage(
            input_tokens=len(prompt),
            cached_tokens=self._cached_tokens(request.cache_salt, prompt),
            output_tokens=0,
        )
        call = SimulatedCall(request.model, usage)
        self.calls.append(call)
        answer, reason = self._answer(request, rule, room=self.window_tokens - len(prompt))
        try:
            await self._read_prompt(usage)
            for position, token in enumerate(answer):
                await self._play(rule, position)
                await self._pace()
                self._count(usage)
                call.usage = usage = usage.model_copy(update={"output_tokens": position + 1})
                yield GenerationChunk(text=token, usage=usage, engine=self.id)
            await self._play(rule, len(answer))
            if not answer:
                self._count(usage, written=0)
            call.outcome = reason
            yield GenerationChunk(usage=usage, finish_reason=reason, engine=self.id)
        except (EngineFailed, EngineUnavailable):
            call.outcome = "failed"
            raise
        finally:
            if call.outcome == "running":
                call.outcome = "aborted"

    async def count(self, texts: Sequence[str], messages: Sequence[PromptMessage]) -> CountResult:
        """Counts of the simulator's own tokens."""
        self._alive()
        return CountResult(
            texts=[len(tokens_of(text)) for text in texts],
            prompt=len(prompt_tokens(messages)) if messages else None,
        )

    async def self_test(self) -> None:
        """Nothing to generate: it is alive or it is not."""
        self._alive()

    async def counters(self) -> EngineCount:
        """The sums of its own ledger."""
        self._alive()
        return EngineCount(self._boot, self._since, self.counted, own=Tokens())

    async def close(self) -> None:
        """Nothing is held."""

    def _count(self, usage: EngineUsage, written: int = 1) -> None:
        if usage.output_tokens == 0:
            self.counted += Tokens(
                input_tokens=usage.input_tokens, cached_tokens=usage.cached_tokens
            )
        self.counted += Tokens(output_tokens=written)

    def _alive(self) -> None:
        if not self.is_up:
            raise EngineUnavailable(
                "The engine of this model is not running.", retry_after_seconds=1
            )

    def _accepted(self, request: GenerationRequest) -> list[str]:
        self._alive()
        prompt = prompt_tokens(request.messages)
        if len(prompt) >= self.window_tokens:
            raise prompt_too_long(len(prompt), self.window_tokens)
        return prompt

    def _rule_for(self, messages: Sequence[PromptMessage]) -> ScriptRule | None:
        said = last_user_text(messages)
        return next((rule for pattern, rule in self._rules if pattern.search(said)), None)

    def _answer(
        self, request: GenerationRequest, rule: ScriptRule | None, room: int
    ) -> tuple[list[str], FinishReason]:
        scripted = None if rule is None else rule.answer
        text = found_answer(request.messages) if scripted is None else scripted
        if request.json_schema is not None:
            text = json.dumps(instance_of(request.json_schema, text), ensure_ascii=False)
        stops = [at for at in (text.find(stop) for stop in request.stop) if at >= 0]
        tokens = tokens_of(text[: min(stops, default=len(text))])
        limit = min(request.max_tokens, room)
        return (tokens, "stop") if len(tokens) <= limit else (tokens[:limit], "length")

    def _cached_tokens(self, salt: str | None, prompt: list[str]) -> int:
        same = (_common(known, prompt) for other, known in self._read_prompts if other == salt)
        longest = max(same, default=0)
        self._read_prompts.append((salt, prompt))
        # Like real engines: the last token is always read, to have something to answer from.
        return min(longest, len(prompt) - 1)

    async def _read_prompt(self, usage: EngineUsage) -> None:
        seconds = self._settings.first_token_seconds
        if self._settings.prompt_tokens_per_second is not None:
            unread = usage.input_tokens - usage.cached_tokens
            seconds += unread / self._settings.prompt_tokens_per_second
        await asyncio.sleep(seconds)

    async def _pace(self) -> None:
        if self._settings.tokens_per_second is None:
            await asyncio.sleep(0)  # readers and aborts get their turn
            return
        spread = self._settings.jitter * (2 * self._random.random() - 1)
        await asyncio.sleep((1 + spread) / self._settings.tokens_per_second)

    async def _play(self, rule: ScriptRule | None, position: int) -> None:
        if rule is None:
            return
        if position == rule.fail_at_token:
            raise EngineFailed("The engine broke off its answer.", retry_after_seconds=1)
        if position == rule.die_at_token:
            self._dead_until = time.monotonic() + self._settings.dead_seconds
            raise EngineFailed("The engine broke off its answer.", retry_after_seconds=1)
        if position == rule.stall_at_token:
            await asyncio.Event().wait()


def _common(known: list[str], prompt: list[str]) -> int:
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(known, prompt, strict=False))
    return sum(1 for _ in pairs)
