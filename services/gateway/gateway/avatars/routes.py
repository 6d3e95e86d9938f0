"""Pictures of assistants on the public API, and between the gateway and its workers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from contracts.accounts import Scope
from contracts.avatars import AvatarReport, AvatarView
from gateway.avatars.service import AvatarService
from gateway.caller import Caller
from gateway.knowledge.routes.asking import only_workers
from gateway.signed_in import signed_in_with
from runtime.provide import provided
from runtime.service_auth import ServiceRoute

router = APIRouter(prefix="/v1/assistants/{assistant_id}/avatar", tags=["assistants"])
internal = APIRouter(
    prefix="/internal/jobs/avatars",
    include_in_schema=False,
    dependencies=[Depends(only_workers)],
    route_class=ServiceRoute,
)
Avatars = Annotated[AvatarService, provided(AvatarService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]

_SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in ("image/png", "image/jpeg", "image/webp")
        },
    }
}
_PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.put("", status_code=202, openapi_extra=_SENT)
async def put(assistant_id: str, request: Request, caller: Manager, avatars: Avatars) -> AvatarView:
    """Give the draft a picture: PNG, JPEG or WebP, at most 2 MB. It is read a moment later."""
    return await avatars.put(caller, assistant_id, await request.body())


@router.get("")
async def get(assistant_id: str, caller: Reader, avatars: Avatars) -> AvatarView:
    """The draft's picture, and how far one is that was just sent."""
    return await avatars.get(caller, assistant_id)


@router.delete("")
async def remove(assistant_id: str, caller: Manager, avatars: Avatars) -> AvatarView:
    """Let the pattern stand for the draft again."""
    return await avatars.remove(caller, assistant_id)


@router.get("/{picture_hash}", response_class=Response, responses=_PNG)
async def content(
    assistant_id: str, picture_hash: str, caller: Reader, avatars: Avatars
) -> Response:
    """A picture by its hash, as a PNG: for whoever may ask the assistant, or see its draft."""
    found = await avatars.content(caller, assistant_id, picture_hash)
    headers = {
        # What a hash names never changes.
        "cache-control": "private, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
    }
    return Response(found, media_type="image/png", headers=headers)


@internal.get("/{upload_id}", response_class=Response)
async def upload(upload_id: str, avatars: Avatars) -> Response:
    """What was sent, for a worker."""
    return Response(await avatars.upload(upload_id), media_type="application/octet-stream")


@internal.put("/{upload_id}")
async def hand_in(upload_id: str, report: AvatarReport, avatars: Avatars) -> AvatarReport:
    """What was made of it."""
    await avatars.handed_in(upload_id, report)
    return report
