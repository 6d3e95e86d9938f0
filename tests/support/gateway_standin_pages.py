"""The stand-in's web pages: addresses are checked as in the gateway, nothing is fetched."""

from fastapi import APIRouter, Request

from contracts.files import DocumentProgress, DocumentView, WebPageCreate
from contracts.ids import new_id
from contracts.jobs import Stage
from runtime.outbound.checking import readable_address
from runtime.outbound.policy import OutboundPolicy
from tests.support.gateway_standin import Standin, now


def pages_app() -> APIRouter:
    """The route, over the stand-in of the app it is put into."""
    router = APIRouter()
    path = "/v1/vector_stores/{collection_id}/urls"
    router.add_api_route(path, add_page, methods=["POST"], status_code=202)
    return router


async def add_page(request: Request, collection_id: str, body: WebPageCreate) -> DocumentView:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    address = readable_address(body.url, OutboundPolicy())
    made = DocumentView(
        id=new_id("file-"),
        created_at=now(),
        vector_store_id=collection_id,
        usage_bytes=0,
        status="in_progress",
        filename=address.host,
        source_url=str(address),
        document_version=1,
        progress=DocumentProgress(stage=Stage.QUEUED),
    )
    state.documents[made.id] = made
    return made
