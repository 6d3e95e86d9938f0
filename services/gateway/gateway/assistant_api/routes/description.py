"""One assistant's own OpenAPI document."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from gateway.assistant_api.routes.asking import TAG, AssistantRef
from gateway.assistant_api.service.describing import DescriptionService
from gateway.signed_in import Anyone
from runtime.provide import provided

router = APIRouter(prefix="/a/{assistant}", tags=[TAG])
Descriptions = Annotated[DescriptionService, provided(DescriptionService)]


@router.get("/openapi.json", response_class=JSONResponse)
async def describe(
    request: Request, assistant: AssistantRef, caller: Anyone, descriptions: Descriptions
) -> JSONResponse:
    """The assistant's own API, for tools that read OpenAPI. Of a public one without a key."""
    # Cut out of the gateway's own document, so that it cannot say anything else. Making that the
    # first time takes most of a second.
    whole = await run_in_threadpool(request.app.openapi)
    return JSONResponse(await descriptions.describe(caller, assistant, whole))
