"""What browsers ask before a page of another web site may call: a preflight, which has no key."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.accounts.service.keys import KeyService
from gateway.assistant_api.routes.asking import BASE, AssistantRef
from gateway.cross_origin import OriginNotAllowed, preflight_passed
from runtime.provide import provided

router = APIRouter(include_in_schema=False)
Keys = Annotated[KeyService, provided(KeyService)]


@router.options(BASE + "/{rest:path}")
async def ask_of_one(request: Request, assistant: AssistantRef, keys: Keys) -> Response:
    """Whether a live key for this assistant names the page's web site."""
    await keys.check_origin(_origin(request), assistant)
    return preflight_passed(request, "GET, POST, DELETE")


@router.options("/v1/chat/completions")
@router.options("/v1/models")
@router.options("/v1/models/{model:path}")
async def ask(request: Request, keys: Keys) -> Response:
    """Whether any live key names it. Pages of other web sites reach nothing else of /v1."""
    await keys.check_origin(_origin(request), None)
    return preflight_passed(request, "GET, POST")


def _origin(request: Request) -> str:
    origin = request.headers.get("origin", "")
    if not origin or len(origin) > 300:
        raise OriginNotAllowed("A preflight names the web site it comes from.")
    return origin
