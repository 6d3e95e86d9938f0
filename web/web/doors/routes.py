"""The pages before the first question: an assistant's own address, a link, and the way in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.avatars import is_avatar
from contracts.conversations import ConversationCreate, ConversationView
from contracts.doors import DoorKind
from contracts.lists import Page
from runtime.provide import provided
from web.account.form_pages import Desk, FormPage
from web.chat.forms import question_in, values_in
from web.chat.shares import HEADERS
from web.clients.conversations import Conversations, Wanted
from web.clients.doors import Doors
from web.cookies import Cookies
from web.doors.guests import AtTheDoor, Guest, InRoom
from web.forms import Form
from web.languages import N_
from web.pages import Pages, go
from web.paths import Id
from web.rooms import enter, room_behind, room_of
from web.studio.avatars import PICTURE_HEADERS, NoPicture
from web.visitors import Anyone, SignedIn, Visitor

router = APIRouter(include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
DoorsHere = Annotated[Doors, provided(Doors)]
Chats = Annotated[Conversations, provided(Conversations)]
CookiesHere = Annotated[Cookies, provided(Cookies)]


class FirstPage:
    """A room's page before a question is asked."""

    def __init__(self, pages: PagesHere, chats: Chats) -> None:
        self._pages = pages
        self._chats = chats

    async def show(
        self, request: Request, visitor: Visitor | None, guest: Guest | None, after: str = ""
    ) -> Response:
        """visitor: a member, who is led to their own chat; in a frame there is none. guest: whoever
        has been here before, with what they said."""
        talks = Page[ConversationView](data=[])
        if guest is not None:
            talks = await self._chats.page(guest.token, Wanted(), after)
        return self._pages.page(
            request,
            "pages/room.html",
            talks=talks,
            is_first_page=not after,
            is_member=visitor is not None and not room_of(request).is_framed,
        )


First = Annotated[FirstPage, Depends()]


@router.get("/with/{room}")
async def own_page(
    request: Request,
    visitor: Anyone,
    porter: AtTheDoor,
    first: First,
    room: Id,
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """An assistant's own page, for everybody if it is public, else for who came in before."""
    guest = await porter.guest(request, room)
    if guest is None:
        session = None if visitor is None else visitor.token
        door, name = await porter.behind_own(request, room, session)
        enter(request, room_behind(door, name, f"/with/{room}"))
    return await first.show(request, visitor, guest, after)


@router.get("/l/{link}")
async def by_link(
    request: Request, visitor: Anyone, porter: AtTheDoor, first: First, link: Id
) -> Response:
    """The same page for whoever has a link."""
    session = None if visitor is None else visitor.token
    door = await porter.behind(link, DoorKind.LINK, session)
    enter(request, room_behind(door, link, f"/l/{link}"))
    response = await first.show(request, visitor, None)
    response.headers.update(HEADERS)
    return response


@router.post("/l/{link}/follow")
async def follow(
    request: Request, visitor: SignedIn, form: Form, doors: DoorsHere, link: Id
) -> Response:
    """Members talk to what a link leads to as themselves, in their own chat."""
    del form  # read for its token
    door = await doors.follow(visitor.token, link)
    return go(request, f"/chat/new?assistant={door.assistant_id}")


@router.get("/with/{room}/picture")
async def own_picture(
    request: Request, visitor: Anyone, porter: AtTheDoor, doors: DoorsHere, room: Id
) -> Response:
    """The assistant's picture, for whoever sees its page."""
    session = None if visitor is None else visitor.token
    _, name = await porter.behind_own(request, room, session)
    return await picture_of(doors, session, name)


@router.get("/l/{link}/picture")
async def picture_by_link(visitor: Anyone, doors: DoorsHere, link: Id) -> Response:
    """The same for whoever has a link."""
    return await picture_of(doors, None if visitor is None else visitor.token, link)


@router.post("/with/{room}/conversations")
async def begin(
    request: Request, form: Form, porter: AtTheDoor, chats: Chats, cookies: CookiesHere, room: Id
) -> Response:
    """The first question: only now does a guest's visit begin, unless one goes on."""
    question, values = question_in(form), values_in(form)
    guest = await porter.guest(request, room)
    if guest is None:
        guest = await porter.let_in(request, room, form.id("door") or room)
    start = ConversationCreate(assistant_id=guest.visit.door.assistant_id, variables=values)
    conversation = await chats.create(guest.token, start)
    await chats.ask(guest.token, conversation.id, question)
    response = go(request, f"{room_of(request).talks}/{conversation.id}")
    cookies.keep_visit(request, response)
    return response


@router.get("/with/{room}/forget")
async def ask_to_forget(request: Request, guest: InRoom, desk: Desk, room: Id) -> Response:
    """Whether it is really meant: what was erased does not come back."""
    del guest  # must be on a visit
    page = FormPage(
        title=N_("Forget what I said?"),
        lead=N_("All your conversations here are erased, with every answer. It cannot be undone."),
        action=f"/with/{room}/forget",
        submit=N_("Erase everything"),
        fields=(),
        kind="danger",
        others=((N_("Keep it"), f"/with/{room}"),),
    )
    return desk.show(request, page)


@router.post("/with/{room}/forget")
async def forget(
    request: Request, form: Form, guest: InRoom, porter: AtTheDoor, cookies: CookiesHere, room: Id
) -> Response:
    """Erase all that a guest said."""
    del form  # read for its token
    await porter.forget(request, guest)
    response = go(request, f"/with/{room}")
    cookies.keep_visit(request, response)
    return response


async def picture_of(doors: Doors, session: str | None, name: str) -> Response:
    """The picture behind a door. Raises NoPicture for what is none."""
    content = await doors.picture(session, name)
    if not is_avatar(content):
        raise NoPicture("There is no such picture.")
    return Response(content, media_type="image/png", headers=PICTURE_HEADERS)
