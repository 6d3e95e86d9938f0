"""Engines on the public API, for operators."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.engines import EngineStates
from gateway.caller import Caller
from gateway.engines.service import EngineService
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/admin/engines", tags=["admin"])
Engines = Annotated[EngineService, provided(EngineService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("")
async def engines(caller: Reader, served: Engines) -> EngineStates:
    """Every engine: slots, queue, health, tokens, their pace and the first token; for operators."""
    return await served.states(caller)
