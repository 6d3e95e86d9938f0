"""The simulator keeps its own ledger, so that ours can be compared with it."""

import time
from contextlib import aclosing

import pytest

from inference.adapters.engine_simulator import SimulatorEngine
from inference.errors import EngineFailed, EngineUnavailable
from inference.settings import ScriptRule, SimulatorSettings
from tests.support.inference import asking


def simulator(*rules: ScriptRule, **fields: float) -> SimulatorEngine:
    return SimulatorEngine(
        SimulatorSettings.model_validate({"kind": "simulator", "rules": rules, **fields})
    )


async def test_a_finished_call_is_written_down() -> None:
    engine = simulator(ScriptRule(pattern="hello", answer="Good day."))
    async for _ in engine.generate(asking("hello")):
        pass

    assert [(call.outcome, call.usage.output_tokens) for call in engine.calls] == [("stop", 3)]


async def test_an_aborted_call_is_written_down_with_what_it_made() -> None:
    engine = simulator(ScriptRule(pattern="hello", answer="Good day to you."))
    async with aclosing(engine.generate(asking("hello"))) as chunks:
        await anext(chunks)
        await anext(chunks)

    assert [(call.outcome, call.usage.output_tokens) for call in engine.calls] == [("aborted", 2)]


async def test_a_failed_call_is_written_down() -> None:
    engine = simulator(ScriptRule(pattern="hello", answer="Good day.", fail_at_token=1))
    with pytest.raises(EngineFailed):
        async for _ in engine.generate(asking("hello")):
            pass

    assert [(call.outcome, call.usage.output_tokens) for call in engine.calls] == [("failed", 1)]


async def test_a_dead_simulator_is_not_up() -> None:
    engine = simulator(ScriptRule(pattern="hello", die_at_token=0), dead_seconds=60)
    with pytest.raises(EngineFailed):
        await anext(engine.generate(asking("hello")))

    assert not engine.is_up
    with pytest.raises(EngineUnavailable):
        await engine.self_test()


async def test_the_pace_is_kept() -> None:
    engine = simulator(ScriptRule(pattern="hello", answer="a b c d e"), tokens_per_second=100)
    started = time.monotonic()
    async for _ in engine.generate(asking("hello")):
        pass

    assert time.monotonic() - started >= 0.05


async def test_a_prompt_read_before_costs_less_time_and_counts_as_cached() -> None:
    engine = simulator(prompt_tokens_per_second=1_000)
    request = asking("The same long question. " * 20)
    first = [chunk async for chunk in engine.generate(request)][-1].usage
    second = [chunk async for chunk in engine.generate(request)][-1].usage

    assert first is not None
    assert second is not None
    assert (first.cached_tokens, second.cached_tokens) == (0, second.input_tokens - 1)
