"""Which model the index is built with, and its vectors of any texts."""

from typing import Annotated

from fastapi import APIRouter

from contracts.passages import (
    EmbeddingRequest,
    EmbeddingResult,
    EmbeddingStamp,
    SearchModels,
)
from retrieval.embeddings.service import EmbeddingService
from retrieval.reranking.service import RerankingService
from retrieval.tenancy import tenant_of
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1", tags=["embeddings"], route_class=ServiceRoute)
Embeddings = Annotated[EmbeddingService, provided(EmbeddingService)]
Reranking = Annotated[RerankingService, provided(RerankingService)]


@router.get("/stamp")
async def stamp(principal: CallingFor, embeddings: Embeddings) -> EmbeddingStamp:
    """The stamp that batches must carry."""
    tenant_of(principal)
    return embeddings.stamp


@router.get("/models")
async def models(
    principal: CallingFor, embeddings: Embeddings, reranking: Reranking
) -> SearchModels:
    """The models that search is made of, for the list of prices."""
    tenant_of(principal)
    return SearchModels(embedding=embeddings.stamp.model_id, reranker=reranking.model_id)


@router.post("/embeddings")
async def embed(
    request: EmbeddingRequest, principal: CallingFor, embeddings: Embeddings
) -> EmbeddingResult:
    """Unit vectors of texts."""
    tenant_of(principal)
    return await embeddings.embed(request)
