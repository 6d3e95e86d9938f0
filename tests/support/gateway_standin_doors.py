"""Doors of the stand-in gateway: links, a widget's key, public assistants, and visits of guests.

standin.widgets["pk-stoa-1"] = (assistant_id, ["https://shop.example"])
standin.admits_guests = False
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from contracts.accounts import MemberView, Power, WorkspaceView
from contracts.assistants import AssistantView, Visibility
from contracts.doors import (
    DoorKind,
    DoorView,
    LinkCreate,
    LinkCreated,
    LinkView,
    VisitCreated,
    VisitView,
)
from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from tests.support.gateway_standin import Refused, Standin, Visit, not_found, now
from tests.support.gateway_standin_talks import Memory, Signed

router = APIRouter()
WIDGET, LINK = "pk-stoa-", "lnk-stoa-"


def doors_app() -> APIRouter:
    """The routes, to be included by the stand-in's app."""
    return router


def behind(state: Standin, door: str) -> tuple[AssistantView, DoorKind, list[str]]:
    """The assistant behind an open door, its kind, and who may frame it."""
    if door.startswith(WIDGET) and door in state.widgets:
        assistant_id, origins = state.widgets[door]
        found, kind = state.assistants.get(assistant_id), DoorKind.WIDGET
    elif door.startswith(LINK) and door in state.links:
        found, kind, origins = (
            state.assistants.get(state.links[door].assistant_id),
            DoorKind.LINK,
            [],
        )
    else:
        public = [one for one in state.assistants.values() if one.slug == door]
        found = public[0] if public and public[0].visibility is Visibility.PUBLIC else None
        kind, origins = DoorKind.PUBLIC, []
    is_closed = found is None or found.published_version is None
    if found is None or is_closed or found.visibility is Visibility.PRIVATE:
        raise not_found("door")
    return found, kind, origins


def seen(state: Standin, door: str) -> DoorView:
    found, kind, origins = behind(state, door)
    return DoorView(
        kind=kind,
        assistant_id=found.id,
        slug=found.slug,
        name=found.name,
        description=found.description,
        starters=found.starters,
        avatar=found.avatar,
        accent=found.accent,
        variables=found.variables,
        admits_guests=state.admits_guests,
        origins=origins,
    )


def _admitted(state: Memory, request: Request) -> None:
    session = request.headers.get("authorization", "").removeprefix("Bearer ")
    if session not in state.sessions and not state.admits_guests:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")


Admitted = Depends(_admitted)


def let_in(state: Standin, door: str) -> str:
    """Begin a visit; its token."""
    token = f"vst-stoa-{new_id('x')}"
    state.sessions[token] = MemberView(
        id=new_id("mem_"),
        email="guest@guests.invalid",
        name="",
        is_operator=False,
        workspace=WorkspaceView(id="wsp_athens", name="Athens", power=Power.GUEST),
        created_at=now(),
    )
    state.visits[token] = Visit(door, state.guest_answers)
    return token


def a_link(assistant_id: str) -> LinkCreated:
    """A link without an end."""
    token = f"{LINK}{new_id('x')}"
    return LinkCreated(
        id=new_id("lnk_"),
        assistant_id=assistant_id,
        name="For friends",
        visitors=3,
        created_at=now(),
        created_by="Ada",
        token=token,
        link=f"http://web.example/l/{token}",
    )


@router.get("/v1/doors/{door}", dependencies=[Admitted])
async def look(state: Memory, door: str) -> DoorView:
    return seen(state, door)


@router.get("/v1/doors/{door}/avatar", dependencies=[Admitted])
async def picture(state: Memory, door: str) -> Response:
    found, _, _ = behind(state, door)
    if found.avatar not in state.pictures:
        raise not_found("avatar")
    return Response(state.pictures[found.avatar], media_type="image/png")


@router.post("/v1/doors/{door}/visits", status_code=201)
async def come_in(state: Memory, door: str) -> VisitCreated:
    view = seen(state, door)
    if not state.admits_guests:
        raise Refused(ErrorKind.FORBIDDEN, "guests_not_admitted", "Guests are not admitted.")
    token = let_in(state, door)
    return VisitCreated(token=token, **_view(state, token, view).model_dump())


def _visiting(state: Memory, request: Request) -> str:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in state.sessions or token not in state.visits:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Not a visit.")
    return token


Visiting = Annotated[str, Depends(_visiting)]


def _view(state: Standin, token: str, door: DoorView) -> VisitView:
    return VisitView(
        door=door, expires_at=now() + 86_400, answers_left=state.visits[token].answers_left
    )


@router.get("/v1/visits/current")
async def visit(state: Memory, token: Visiting) -> VisitView:
    return _view(state, token, seen(state, state.visits[token].door))


@router.delete("/v1/visits/current")
async def forget(state: Memory, token: Visiting) -> Deleted:
    for each in state.visits.pop(token).conversations:
        state.conversations.pop(each, None)
    return Deleted(id=state.sessions.pop(token).id, object="visit.deleted")


@router.post("/v1/doors/{door}/follow")
async def follow(state: Memory, member: Signed, door: str) -> DoorView:
    state.followed.append((member.name, door))
    return seen(state, door)


@router.get("/v1/assistants/{assistant_id}/links")
async def list_links(state: Memory, member: Signed, assistant_id: str) -> Page[LinkView]:
    del member
    made = [one for one in state.links.values() if one.assistant_id == assistant_id]
    views = [LinkView.model_validate(one.model_dump(exclude={"token", "link"})) for one in made]
    return Page(data=views[::-1])


@router.post("/v1/assistants/{assistant_id}/links", status_code=201)
async def make_link(
    state: Memory,
    member: Signed,
    assistant_id: str,
    body: LinkCreate,
    idempotency_key: Annotated[str, Header()] = "",
) -> LinkCreated:
    if assistant_id not in state.assistants:
        raise not_found("assistant")
    if state.assistants[assistant_id].visibility is Visibility.PRIVATE:
        raise Refused(ErrorKind.CONFLICT, "sharing_is_private", "It is private.")
    if idempotency_key in state.link_keys:
        return state.link_keys[idempotency_key]
    made = a_link(assistant_id).model_copy(
        update={"name": body.name, "expires_at": body.expires_at, "created_by": member.name}
    )
    state.links[made.token] = made
    state.link_keys[idempotency_key] = made
    return made


@router.delete("/v1/links/{link_id}")
async def revoke_link(state: Memory, member: Signed, link_id: str) -> Deleted:
    del member
    tokens = [token for token, made in state.links.items() if made.id == link_id]
    if not tokens:
        raise not_found("link")
    del state.links[tokens[0]]
    for token, each in state.visits.items():
        if each.door == tokens[0]:
            state.sessions.pop(token, None)
    return Deleted(id=link_id, object="assistant.link.deleted")
