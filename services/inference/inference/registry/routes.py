"""GET /v1/models."""

from typing import Annotated

from fastapi import APIRouter

from contracts.generation import ServedModels
from inference.registry.service import EngineRegistry
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1/models", tags=["models"], route_class=ServiceRoute)
Registry = Annotated[EngineRegistry, provided(EngineRegistry)]


@router.get("")
async def models(_: CallingFor, registry: Registry) -> ServedModels:
    """What is served, and for how much."""
    return registry.models()
