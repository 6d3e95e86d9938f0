"""The composition root: every object inference is made of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from contracts.clients.inference import SERVICE
from contracts.generation import ModelPrice, ServedModel
from inference.adapters.engine_llamacpp import LlamaCppEngine
from inference.adapters.engine_openai import OpenAiEngine
from inference.adapters.engine_simulator import SimulatorEngine
from inference.admission import Admission
from inference.counting.service import CountingService
from inference.errors import EngineFailed, EngineUnavailable
from inference.generation.service import GenerationService
from inference.models.catalogue import read_catalogue
from inference.ports import Engine
from inference.registry.book import EngineBook
from inference.registry.service import EngineHealth, EngineRegistry, Served
from inference.settings import (
    SMALL_MACHINE_CORES,
    AnyEngineSettings,
    LlamaCppSettings,
    OpenAiSettings,
    Settings,
    SimulatorSettings,
    TimeLimits,
)
from runtime.health import SelfTests
from runtime.metrics import Gauges
from runtime.provide import Provided
from runtime.service_auth import ServiceTokens

FIRST_LOOK_SECONDS = 5.0
SIMULATOR_PRICE = ModelPrice(
    currency="USD",
    input_per_million="0.05",
    cached_input_per_million="0.0125",
    output_per_million="0.10",
    as_of="2026-11-22",
)


@asynccontextmanager
async def wire(settings: Settings) -> AsyncIterator[Provided]:
    """Engines started, then everything that stands on them."""
    async with AsyncExitStack() as stack:
        served = []
        for each in settings.engines:
            engine = make_engine(each, settings.time)
            stack.push_async_callback(engine.close)
            served.append(_served(each, engine, settings))
        registry = EngineRegistry(served)
        yield {
            EngineRegistry: registry,
            GenerationService: GenerationService(registry, settings.time.total_seconds),
            CountingService: CountingService(registry, settings.remembered_counts),
            ServiceTokens: ServiceTokens(settings.shared.service_key(), SERVICE),
            Gauges: Gauges(registry.measure),
            SelfTests: SelfTests(registry.checks()),
        }


def make_engine(settings: AnyEngineSettings, limits: TimeLimits) -> Engine:
    """The adapter that settings name. llama.cpp begins to load."""
    match settings:
        case LlamaCppSettings():
            engine = LlamaCppEngine(settings, limits)
            engine.start()
            return engine
        case OpenAiSettings():
            return OpenAiEngine(settings, limits)
        case SimulatorSettings():
            return SimulatorEngine(settings)


async def refuse_wrong_servers(settings: Settings) -> None:
    """Raises NotServedThere. A server that does not answer yet may still come: that is no fault."""
    for each in settings.engines:
        if not isinstance(each, OpenAiSettings):
            continue
        engine = OpenAiEngine(each, settings.time)
        try:
            async with asyncio.timeout(FIRST_LOOK_SECONDS):
                await engine.check_served()
        except (EngineUnavailable, EngineFailed, TimeoutError):
            continue
        finally:
            await engine.close()


def _served(each: AnyEngineSettings, engine: Engine, settings: Settings) -> Served:
    return Served(
        model=served_model(each, engine.id),
        engine=engine,
        admission=Admission(engine.slots, settings.queue.waiting, settings.queue.waiting_seconds),
        health=EngineHealth(engine, settings.time.proof_seconds),
        book=EngineBook(engine.window_tokens),
    )


def served_model(each: AnyEngineSettings, engine_id: str) -> ServedModel:
    """What callers may know of a model."""
    known = read_catalogue().get(each.model)
    chat = None if known is None else known.chat
    return ServedModel(
        id=each.model,
        engine=engine_id,
        window_tokens=each.window_tokens,
        cites=chat is not None and chat.cites,
        is_small=_is_small(each),
        price=price_of(each),
    )


def _is_small(each: AnyEngineSettings) -> bool:
    if isinstance(each, OpenAiSettings):
        return each.is_small
    return isinstance(each, LlamaCppSettings) and each.thread_count < SMALL_MACHINE_CORES


def price_of(each: AnyEngineSettings) -> ModelPrice:
    """The configured price, else the catalogue's. Raises ValueError when there is none."""
    if each.price is not None:
        return each.price
    known = read_catalogue().get(each.model)
    if known is not None and known.chat is not None:
        price = known.chat.price
        return ModelPrice(
            currency=price.currency,
            input_per_million=str(price.input_per_million),
            cached_input_per_million=str(price.cached_input_per_million),
            output_per_million=str(price.output_per_million),
            as_of=price.as_of.isoformat(),
        )
    if isinstance(each, SimulatorSettings):
        return SIMULATOR_PRICE
    raise ValueError(
        f"the engine of {each.model} needs a price: the catalogue has none for this model"
    )
