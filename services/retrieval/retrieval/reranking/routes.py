"""Reranking over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from contracts.passages import RerankRequest, RerankResult
from retrieval.reranking.service import RerankingService
from retrieval.tenancy import tenant_of
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1", tags=["reranking"], route_class=ServiceRoute)
Reranking = Annotated[RerankingService, provided(RerankingService)]


@router.post("/rerank")
async def rerank(
    request: RerankRequest, principal: CallingFor, reranking: Reranking
) -> RerankResult:
    """How well each text answers a question, by the reranker of this installation."""
    tenant_of(principal)
    return await reranking.rerank(request)
