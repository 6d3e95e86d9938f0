"""Doors, links and visits on the public API."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response

from contracts.accounts import Scope
from contracts.doors import DoorView, LinkCreate, LinkCreated, LinkView, VisitCreated, VisitView
from contracts.lists import Deleted, Page
from gateway.caller import Caller
from gateway.doors.service.erasing import GuestEraser
from gateway.doors.service.links import LinkService
from gateway.doors.service.visiting import VisitService
from gateway.paging import Paging
from gateway.signed_in import bearer_token, open_to_visits, perhaps_signed_in_with, signed_in_with
from gateway.visit import Visiting
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["doors"])
Links = Annotated[LinkService, provided(LinkService)]
Visits = Annotated[VisitService, provided(VisitService)]
Eraser = Annotated[GuestEraser, provided(GuestEraser)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]
MayChat = Annotated[Caller, signed_in_with(Scope.CHAT)]
Looker = Annotated[Caller | None, perhaps_signed_in_with(Scope.CHAT)]
Guest = Annotated[Caller, open_to_visits(Scope.CHAT)]
Door = Annotated[str, Path(max_length=200)]

_PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "The picture is the one whose `ETag` was sent."},
}


@router.post("/assistants/{assistant_id}/links", status_code=201)
async def create_link(
    assistant_id: str, wanted: LinkCreate, caller: Manager, links: Links
) -> LinkCreated:
    """Make a link by which whoever has it may ask; token and link are in this answer alone."""
    return await links.create(caller, assistant_id, wanted)


@router.get("/assistants/{assistant_id}/links")
async def list_links(
    assistant_id: str, caller: Manager, page: Paging, links: Links
) -> Page[LinkView]:
    """The links to an assistant, without their tokens."""
    return await links.list(caller, assistant_id, page)


@router.delete("/links/{link_id}")
async def revoke_link(link_id: str, caller: Manager, links: Links) -> Deleted:
    """End a link at once, and every visit that came by it."""
    return await links.revoke(caller, link_id)


@router.get("/doors/{door}")
async def look(door: Door, caller: Looker, origin: Visiting, visits: Visits) -> DoorView:
    """The published face of the assistant behind a link's token, or a public one's slug."""
    return await visits.look(caller, door, origin.address)


@router.get("/doors/{door}/avatar", response_class=Response, responses=_PNG)
async def picture(
    door: Door,
    caller: Looker,
    origin: Visiting,
    visits: Visits,
    if_none_match: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """Its published picture, as a PNG."""
    found = await visits.picture(caller, door, origin.address)
    tag = f'"{found.digest}"'
    # Kept by the visitor's own browser alone, which asks each time whether the door is open.
    headers = {
        "cache-control": "private, no-cache",
        "etag": tag,
        "x-content-type-options": "nosniff",
    }
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type="image/png", headers=headers)


@router.post("/doors/{door}/follow")
async def follow(door: Door, caller: MayChat, origin: Visiting, visits: Visits) -> DoorView:
    """Come by a link as oneself: it opens the assistant to the caller as long as it lives."""
    return await visits.follow(caller, door, origin.address)


@router.post("/doors/{door}/visits", status_code=201)
async def begin_visit(door: Door, origin: Visiting, visits: Visits) -> VisitCreated:
    """Come in as a guest, without an account; the token is in this answer and nowhere else."""
    return await visits.begin(door, origin.address)


@router.get("/visits/current")
async def current_visit(request: Request, caller: Guest, visits: Visits) -> VisitView:
    """The visit this call is made with, and how many answers are left today."""
    return await visits.current(bearer_token(request), caller)


@router.delete("/visits/current")
async def end_visit(caller: Guest, eraser: Eraser) -> Deleted:
    """End the visit this call is made with, and erase everything that was said in it."""
    return await eraser.leave(caller)
