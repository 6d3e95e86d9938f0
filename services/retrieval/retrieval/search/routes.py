"""Search over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from contracts.passages import SearchRequest, SearchResult
from retrieval.search.service import SearchService
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1", tags=["search"], route_class=ServiceRoute)
Searches = Annotated[SearchService, provided(SearchService)]


@router.post("/search")
async def search(request: SearchRequest, principal: CallingFor, searches: Searches) -> SearchResult:
    """The nearest passages that the principal's grants let it read."""
    return await searches.search(principal, request)
