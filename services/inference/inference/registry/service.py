"""The engines of this process, found by the model they serve."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.engines import EngineCounters, EnginesCounted, EngineState, EngineStates
from contracts.errors import StoreError
from contracts.generation import ServedModel, ServedModels
from inference.admission import Admission
from inference.errors import EngineUnavailable, ModelNotFound
from inference.metrics import BREAKER_OPEN, QUEUED, RUNNING, SLOTS, UP
from inference.ports import Engine
from inference.registry.book import EngineBook
from runtime.health import Check


class EngineHealth:
    """Whether an engine generates. A proof counts for a while, so that checks stay cheap."""

    def __init__(self, engine: Engine, proof_seconds: float) -> None:
        self._engine = engine
        self._proof_seconds = proof_seconds
        self._proved_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    def proved(self) -> None:
        """The engine just gave a token to somebody."""
        self._proved_at = time.monotonic()

    async def check(self) -> None:
        """Raises StoreError unless the engine generates, or did a moment ago."""
        async with self._one_at_a_time:
            if not self._engine.is_up:
                raise EngineUnavailable(f"The engine {self._engine.id} is not running.")
            if time.monotonic() - self._proved_at > self._proof_seconds:
                await self._engine.self_test()
                self.proved()


@dataclass(frozen=True)
class Served:
    """A model, its engine, the line in front of it, its health and what is heard of it."""

    model: ServedModel
    engine: Engine
    admission: Admission
    health: EngineHealth
    book: EngineBook


class EngineRegistry:
    """Which engine serves which model."""

    def __init__(self, served: Sequence[Served]) -> None:
        self._served = {each.model.id: each for each in served}

    def served(self, model: str) -> Served:
        """Raises ModelNotFound."""
        found = self._served.get(model)
        if found is None:
            raise ModelNotFound("No engine serves this model.", param="model")
        return found

    def models(self) -> ServedModels:
        """Every configured model, also while its engine restarts: asking then says 503, not 404."""
        return ServedModels(data=[each.model for each in self._served.values()])

    async def counters(self) -> EnginesCounted:
        """What every engine has counted itself, less what it did for our own sake."""
        return EnginesCounted(data=[await _counters(each) for each in self._served.values()])

    def states(self) -> EngineStates:
        """How every engine fares now."""
        return EngineStates(data=[_state(each) for each in self._served.values()])

    async def measure(self) -> None:
        """Set the gauges of every engine."""
        for model, each in self._served.items():
            SLOTS.labels(model).set(each.engine.slots)
            RUNNING.labels(model).set(each.admission.running)
            QUEUED.labels(model).set(each.admission.waiting)
            UP.labels(model).set(each.engine.is_up)
            # Only servers that somebody else runs have a breaker in front.
            BREAKER_OPEN.labels(model).set(getattr(each.engine, "is_left_alone", False))

    def checks(self) -> dict[str, Check]:
        """One self-test for each engine."""
        return {f"engine {each.engine.id}": each.health.check for each in self._served.values()}


async def _counters(served: Served) -> EngineCounters:
    engine, book = served.engine, served.book
    found = EngineCounters(
        engine=engine.id,
        model=served.model.id,
        window_tokens=served.model.window_tokens,
        loose=book.loose,
    )
    try:
        count = await engine.counters()
    except StoreError as error:
        return found.model_copy(update={"unread": error.message})
    return found.model_copy(
        update={
            "boot": count.boot,
            "since": count.since,
            "counted": count.counted - count.own,
            "counts_cached": count.counts_cached,
            "own": count.own,
            # Looked at last: what ends while the engine is asked is not missed, only not yet told.
            "open_calls": book.open_calls,
            "heard_open": book.heard_open,
            "loose": book.loose,
        }
    )


def _state(served: Served) -> EngineState:
    engine, book = served.engine, served.book
    return EngineState(
        engine=engine.id,
        model=served.model.id,
        slots=engine.slots,
        running=served.admission.running,
        waiting=served.admission.waiting,
        is_up=engine.is_up,
        is_left_alone=getattr(engine, "is_left_alone", False),
        tokens=book.heard + book.heard_open,
        answers=book.answers,
        tokens_per_second=book.tokens_per_second,
        first_token_p50_ms=book.first_token_p50_ms,
    )
