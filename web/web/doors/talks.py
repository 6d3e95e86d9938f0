"""A guest's conversations: the chat's own pages, in the room of one assistant."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from contracts.conversations import TurnView
from contracts.errors import StoreError
from runtime.provide import provided
from web.chat.showing import Place, Showing
from web.chat.talking import ReadTo, Talking
from web.clients.conversations import Conversations
from web.doors.guests import AtTheDoor, Guest, InRoom
from web.forms import Form
from web.pages import go
from web.paths import Id
from web.rooms import VisitOver

router = APIRouter(prefix="/with/{room}", include_in_schema=False)
Chats = Annotated[Conversations, provided(Conversations)]


@router.get("/c/{conversation_id}")
async def conversation(
    request: Request,
    guest: InRoom,
    showing: Showing,
    conversation_id: Id,
    place: Annotated[Place, Query()],
) -> Response:
    """A conversation. A running answer goes on from where it is."""
    return await showing.page(request, guest, conversation_id, place)


@router.post("/c/{conversation_id}/turns")
async def ask(
    request: Request, form: Form, guest: InRoom, talking: Talking, conversation_id: Id
) -> Response:
    """Ask the next question, or another one instead of a former one."""
    return await talking.ask(request, guest, form, conversation_id)


@router.post("/c/{conversation_id}/branch")
async def choose_branch(
    request: Request, form: Form, guest: InRoom, talking: Talking, conversation_id: Id
) -> Response:
    """Turn to the branch through another message."""
    return await talking.choose_branch(request, guest, form, conversation_id)


@router.post("/c/{conversation_id}/delete")
async def delete(
    request: Request, form: Form, guest: InRoom, chats: Chats, room: Id, conversation_id: Id
) -> Response:
    """Delete a conversation."""
    del form  # read for its token
    await chats.delete(guest.token, conversation_id)
    return go(request, f"/with/{room}")


@router.post("/turns/{turn_id}/stop")
async def stop(
    request: Request, form: Form, guest: InRoom, talking: Talking, turn_id: Id
) -> Response:
    """End a running answer; what was written stays."""
    del form  # read for its token
    return await talking.stop(request, guest, turn_id)


@router.post("/turns/{turn_id}/regenerate")
async def regenerate(
    request: Request, form: Form, guest: InRoom, talking: Talking, turn_id: Id
) -> Response:
    """Have a question answered once more; the former answer stays beside the new one."""
    del form  # read for its token
    return await talking.regenerate(request, guest, turn_id)


@router.post("/messages/{message_id}/feedback")
async def give_feedback(
    request: Request, form: Form, guest: InRoom, talking: Talking, message_id: Id
) -> Response:
    """Say what an answer is worth; once more replaces it."""
    return await talking.give_feedback(request, guest, form, message_id)


@router.post("/messages/{message_id}/feedback/remove")
async def take_feedback_back(
    request: Request, form: Form, guest: InRoom, talking: Talking, message_id: Id
) -> Response:
    """As if nothing had been said."""
    del form  # read for its token
    return await talking.take_feedback_back(request, guest, message_id)


async def _followed(
    request: Request, porter: AtTheDoor, chats: Chats, room: Id, turn_id: Id
) -> tuple[Guest, TurnView] | None:
    """The reader and the turn, looked up while a refusal can still be a real status; None: their
    visit is over, which their page hears as the answer's end."""
    guest = await porter.guest(request, room)
    if guest is not None:
        return guest, await chats.turn(guest.token, turn_id)
    if porter.pass_of(request) is None:
        raise VisitOver
    return None


@router.get("/turns/{turn_id}/events", response_class=EventSourceResponse)
async def events(
    request: Request,
    followed: Annotated[tuple[Guest, TurnView] | None, Depends(_followed)],
    porter: AtTheDoor,
    talking: Talking,
    room: Id,
    place: Annotated[ReadTo, Depends()],
) -> AsyncIterator[ServerSentEvent]:
    """The answer as it is written; or, when the door was closed meanwhile, that it was."""
    if followed is not None:
        guest, turn = followed
        try:
            async for event in talking.events(request, guest, turn, place.event):
                yield event
                if event.event in ("message", "failed"):
                    return
            is_over = await porter.guest(request, room) is None
        except StoreError:
            return  # the page asks again, and that request gets the real answer
        if not is_over:
            return
    yield talking.over(request)
