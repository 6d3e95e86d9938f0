"""POST /v1/counts."""

from typing import Annotated

from fastapi import APIRouter

from contracts.generation import CountRequest, CountResult
from inference.counting.service import CountingService
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1/counts", tags=["counts"], route_class=ServiceRoute)
Counting = Annotated[CountingService, provided(CountingService)]


@router.post("")
async def count(body: CountRequest, _: CallingFor, counting: Counting) -> CountResult:
    """The engine's own token counts."""
    return await counting.count(body)
