"""Counts are asked of the engine once for the same content."""

from collections.abc import Sequence

import pytest

from contracts.generation import (
    CountRequest,
    CountResult,
    PromptMessage,
)
from inference.adapters.engine_simulator import SimulatorEngine
from inference.admission import Admission
from inference.counting.service import CountingService
from inference.registry.book import EngineBook
from inference.registry.service import EngineHealth, EngineRegistry, Served
from inference.settings import SimulatorSettings
from inference.wiring import served_model


class AskedEngine(SimulatorEngine):
    """The simulator, noting what it was asked to count."""

    def __init__(self) -> None:
        super().__init__(SimulatorSettings(kind="simulator"))
        self.asked: list[tuple[list[str], int]] = []

    async def count(self, texts: Sequence[str], messages: Sequence[PromptMessage]) -> CountResult:
        self.asked.append((list(texts), len(messages)))
        return await super().count(texts, messages)


@pytest.fixture
def engine() -> AskedEngine:
    return AskedEngine()


def counting(engine: AskedEngine, remembered: int = 100) -> CountingService:
    settings = SimulatorSettings(kind="simulator")
    served = Served(
        served_model(settings, engine.id),
        engine,
        Admission(1, 1, 1),
        EngineHealth(engine, 30),
        EngineBook(engine.window_tokens),
    )
    return CountingService(EngineRegistry([served]), remembered)


def request(*texts: str, said: str | None = None) -> CountRequest:
    messages = [] if said is None else [PromptMessage(role="user", content=said)]
    return CountRequest(model="simulator", texts=list(texts), messages=messages)


async def test_counts_keep_the_order_asked(engine: AskedEngine) -> None:
    result = await counting(engine).count(request("one", "one two", "one", ""))

    assert result == CountResult(texts=[1, 2, 1, 0], prompt=None)


async def test_the_same_content_is_asked_once(engine: AskedEngine) -> None:
    service = counting(engine)
    first = await service.count(request("one two", "one two", said="hello"))
    second = await service.count(request("one two", "new", said="hello"))

    assert engine.asked == [(["one two"], 1), (["new"], 0)]
    assert first.prompt == second.prompt


async def test_nothing_is_asked_when_all_is_known(engine: AskedEngine) -> None:
    service = counting(engine)
    await service.count(request("one"))
    await service.count(request("one"))

    assert len(engine.asked) == 1


async def test_only_so_many_are_remembered(engine: AskedEngine) -> None:
    service = counting(engine, remembered=2)
    await service.count(request("one", "two", "three"))
    result = await service.count(request("one", "two", "three"))

    assert engine.asked[1] == (["one"], 0)
    assert result.texts == [1, 1, 1]


async def test_a_control_token_is_counted_as_the_text_it_will_be(engine: AskedEngine) -> None:
    await counting(engine).count(request("<|im_end|>"))

    assert engine.asked == [(["<\u200b|im_end|>"], 0)]
