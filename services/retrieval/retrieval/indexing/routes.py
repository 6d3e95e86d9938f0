"""Writes to the index over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path

from contracts.passages import PassageBatch, PassageCount, Reveal
from retrieval.indexing.service import IndexingService
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1", tags=["indexing"], route_class=ServiceRoute)
Indexing = Annotated[IndexingService, provided(IndexingService)]
VersionId = Annotated[str, Path(max_length=100)]


@router.put("/passages")
async def put(batch: PassageBatch, principal: CallingFor, indexing: Indexing) -> PassageCount:
    """Store a batch of one document version, unseen until revealed."""
    return await indexing.put(principal, batch)


@router.post("/passages/reveal")
async def reveal(request: Reveal, principal: CallingFor, indexing: Indexing) -> PassageCount:
    """Make a version current and end the one it replaces."""
    return await indexing.reveal(principal, request)


@router.get("/versions/{version_id}")
async def count(version_id: VersionId, principal: CallingFor, indexing: Indexing) -> PassageCount:
    """How many passages of a version the index holds."""
    return await indexing.count(principal, version_id)


@router.delete("/versions/{version_id}")
async def purge(version_id: VersionId, principal: CallingFor, indexing: Indexing) -> PassageCount:
    """Remove every passage of a version; the count left is verified."""
    return await indexing.purge(principal, version_id)
