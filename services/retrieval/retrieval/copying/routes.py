"""The copy over HTTP, for the gateway's backup."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from retrieval.copying.service import IndexCopies
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute

router = APIRouter(prefix="/v1", tags=["copying"], route_class=ServiceRoute)
Copies = Annotated[IndexCopies, provided(IndexCopies)]


@router.get("/index", response_class=StreamingResponse)
async def copy_of_the_index(principal: CallingFor, copies: Copies) -> StreamingResponse:
    """The whole index as a compressed tar file."""
    content = await copies.make(principal)
    return StreamingResponse(content, media_type="application/gzip")
