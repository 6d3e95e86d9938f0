"""GET /v1/models, /v1/counters and /v1/engines."""

from typing import Annotated

from fastapi import APIRouter

from contracts.engines import EnginesCounted, EngineStates
from contracts.generation import ServedModels
from inference.registry.service import EngineRegistry
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1", tags=["models"], route_class=ServiceRoute)
Registry = Annotated[EngineRegistry, provided(EngineRegistry)]


@router.get("/models")
async def models(_: CallingFor, registry: Registry) -> ServedModels:
    """What is served, and for how much."""
    return registry.models()


@router.get("/counters")
async def counters(_: CallingFor, registry: Registry) -> EnginesCounted:
    """What every engine has counted itself, less what inference had it do for its own sake."""
    return await registry.counters()


@router.get("/engines")
async def engines(_: CallingFor, registry: Registry) -> EngineStates:
    """Slots, queue, pace and health of every engine."""
    return registry.states()
