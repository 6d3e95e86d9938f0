"""From a request to a stream of chunks: find the engine, wait in line, stream, let go."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from contracts.errors import StoreError
from contracts.generation import GenerationChunk, GenerationRequest
from contracts.principal import Principal
from inference.errors import EngineFailed, GenerationTimedOut
from inference.generation import rules
from inference.generation.tally import Tally
from inference.registry.service import EngineRegistry, Served
from runtime import telemetry

log = logging.getLogger(__name__)


class GenerationService:
    """Generates answers. Keeps nothing of them."""

    def __init__(self, registry: EngineRegistry, total_seconds: float) -> None:
        self._registry = registry
        self._total_seconds = total_seconds

    async def generate(
        self, principal: Principal, request: GenerationRequest
    ) -> AsyncGenerator[GenerationChunk, None]:
        """Stream an answer. Closing the generator aborts the engine and frees its slot."""
        served = self._registry.served(request.model)
        safe = rules.harmless(request, principal.workspace_id)
        async with served.admission.slot():
            chunks = telemetry.streamed(
                "engine", served.engine.generate(safe), lambda chunk: bool(chunk.text)
            )
            async with aclosing(chunks), aclosing(self._timed(served, chunks)) as timed:
                async for chunk in timed:
                    yield chunk

    async def _timed(
        self, served: Served, chunks: AsyncGenerator[GenerationChunk, None]
    ) -> AsyncGenerator[GenerationChunk, None]:
        tally = Tally(served.model.id, served.book)
        deadline = asyncio.get_running_loop().time() + self._total_seconds
        try:
            while True:
                chunk = await _next_before(deadline, chunks)
                served.health.proved()
                tally.hear(chunk)
                yield chunk
                if chunk.finish_reason is not None:
                    tally.outcome = "complete"
                    return
        except StoreError as error:
            tally.outcome = error.code
            raise
        finally:
            tally.close()


async def _next_before(
    deadline: float, chunks: AsyncGenerator[GenerationChunk, None]
) -> GenerationChunk:
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(chunks)
    except TimeoutError:
        raise GenerationTimedOut("The answer took longer than allowed and was stopped.") from None
    except StopAsyncIteration:
        raise EngineFailed("The engine ended its answer without a reason.") from None
