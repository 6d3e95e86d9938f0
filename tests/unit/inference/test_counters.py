"""The counters inference tells: the engine's own, less what inference used itself."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
import pytest_asyncio
from pydantic import HttpUrl

from contracts.engines import EngineCounters, Tokens
from inference.adapters.engine_openai import OpenAiEngine
from inference.adapters.engine_simulator import SimulatorEngine
from inference.adapters.simulator_server import build_simulator_app
from inference.admission import Admission
from inference.generation.service import GenerationService
from inference.registry.book import READ_ON_TOKENS, EngineBook
from inference.registry.service import EngineHealth, EngineRegistry, Served
from inference.settings import OpenAiSettings, ScriptRule, SimulatorSettings, TimeLimits
from inference.wiring import SIMULATOR_PRICE, served_model
from tests.support.inference import ADA, asking
from tests.support.serving import served

RULES = (ScriptRule(pattern="count", answer="one two three four five"),)
NOTHING = Tokens()


@pytest.fixture
def simulator() -> SimulatorEngine:
    return SimulatorEngine(SimulatorSettings(kind="simulator", rules=RULES))


@pytest.fixture
def address(simulator: SimulatorEngine) -> Iterator[str]:
    with served(build_simulator_app(simulator)) as address:
        yield address


@pytest_asyncio.fixture
async def engine(address: str) -> AsyncIterator[OpenAiEngine]:
    engine = OpenAiEngine(settings_of(address), TimeLimits())
    yield engine
    await engine.close()


def settings_of(address: str, dialect: str = "vllm") -> OpenAiSettings:
    return OpenAiSettings.model_validate(
        {
            "kind": "openai",
            "model": "simulator",
            "url": HttpUrl(f"{address}/v1"),
            "dialect": dialect,
            "price": SIMULATOR_PRICE,
        }
    )


def registry_of(engine: SimulatorEngine | OpenAiEngine) -> EngineRegistry:
    model = served_model(SimulatorSettings(kind="simulator"), engine.id)
    health, book = EngineHealth(engine, 30), EngineBook(engine.window_tokens)
    return EngineRegistry([Served(model, engine, Admission(8, 8, 5), health, book)])


async def said(registry: EngineRegistry, chunks: int | None = None) -> Tokens:
    """Ask, read so many chunks (None: all), and leave; what the last one said was used."""
    used = NOTHING
    generating = GenerationService(registry, 60).generate(ADA, asking("Please count"))
    async with aclosing(generating) as answer:
        async for chunk in answer:
            assert chunk.usage is not None
            used = Tokens(
                input_tokens=chunk.usage.input_tokens,
                cached_tokens=chunk.usage.cached_tokens,
                output_tokens=chunk.usage.output_tokens,
            )
            chunks = None if chunks is None else chunks - 1
            if chunks == 0:
                break
    return used


async def counters(registry: EngineRegistry) -> EngineCounters:
    return (await registry.counters()).data[0]


async def test_whole_answers_are_counted_to_the_token(simulator: SimulatorEngine) -> None:
    registry = registry_of(simulator)
    used = await said(registry) + await said(registry)
    found = await counters(registry)

    assert found.counted == used
    assert found.loose == NOTHING


async def test_a_reader_who_leaves_makes_the_count_loose(simulator: SimulatorEngine) -> None:
    registry = registry_of(simulator)
    used = await said(registry, chunks=2)
    found = await counters(registry)

    assert found.counted == used
    assert found.loose.output_tokens == READ_ON_TOKENS


async def test_an_open_answer_is_told_apart(simulator: SimulatorEngine) -> None:
    registry = registry_of(simulator)
    generating = GenerationService(registry, 60).generate(ADA, asking("Please count"))
    async with aclosing(generating) as answer:
        await anext(answer)
        found = await counters(registry)
    after = await counters(registry)

    assert (found.open_calls, found.heard_open) == (1, found.counted)
    assert (after.open_calls, after.heard_open) == (0, NOTHING)


async def test_what_others_had_a_server_do_before_we_came_is_not_ours(
    simulator: SimulatorEngine, engine: OpenAiEngine
) -> None:
    await said(registry_of(simulator))
    registry = registry_of(engine)
    used = await said(registry)

    assert (await counters(registry)).counted == used


async def test_proofs_are_taken_off(engine: OpenAiEngine) -> None:
    registry = registry_of(engine)
    await engine.self_test()
    used = await said(registry)
    await engine.self_test()
    found = await counters(registry)

    assert found.counted == used
    assert found.own.output_tokens == 2


async def test_another_boot_is_told(simulator: SimulatorEngine) -> None:
    first = await counters(registry_of(simulator))
    again = await counters(registry_of(SimulatorEngine(SimulatorSettings(kind="simulator"))))

    assert first.boot != again.boot


async def test_a_server_without_counters_is_said_to_have_none(address: str) -> None:
    engine = OpenAiEngine(settings_of(address, "plain"), TimeLimits())
    registry = registry_of(engine)
    await said(registry)
    found = await counters(registry)
    await engine.close()

    assert found.unread is not None
    assert found.counted == NOTHING


async def test_states_tell_pace_and_first_tokens(simulator: SimulatorEngine) -> None:
    registry = registry_of(simulator)
    used = await said(registry)
    state = registry.states().data[0]

    assert (state.tokens, state.answers) == (used, 1)
    assert state.tokens_per_second > 0
    assert state.first_token_p50_ms is not None
