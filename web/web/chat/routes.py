"""The chat's pages: history, a conversation, and its turns."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field
from starlette.responses import Response

from contracts.conversations import ConversationCreate, TurnView
from runtime.provide import provided
from web.chat.contexts import shown_account
from web.chat.forms import question_in, values_in
from web.chat.showing import Place, Showing, Unsent
from web.chat.talking import ReadTo, Talking
from web.clients.assistants import Assistants, Listing
from web.clients.conversations import Conversations
from web.forms import Form
from web.pages import Pages, go, is_htmx
from web.paths import ID_PATTERN, Id
from web.visitors import SignedIn

router = APIRouter(prefix="/chat", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
Chats = Annotated[Conversations, provided(Conversations)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]


class Door(BaseModel):
    """Which assistant is to be talked to, and how: by its draft, or leaving nothing behind."""

    assistant: str = Field(pattern=ID_PATTERN)
    draft: bool = False
    temporary: bool = False


@router.get("/new")
async def begin(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    door: Annotated[Door, Query()],
) -> Response:
    """An assistant, before the first question: what is published of it, or its draft."""
    asked = assistants.get if door.draft else assistants.askable
    found = await asked(visitor.token, door.assistant)
    return pages.page(
        request,
        "pages/chat_new.html",
        assistant=found,
        is_draft=door.draft,
        is_temporary=door.temporary,
        is_told=isinstance(found, Listing) and found.shows_unanswered and not door.temporary,
    )


@router.post("/conversations")
async def create(
    request: Request, visitor: SignedIn, form: Form, chats: Chats, showing: Showing
) -> Response:
    """Begin a conversation with its first question, and with the files it is about. Where one of
    these is refused, the question waits for what its asker says to that."""
    question = question_in(form)
    start = ConversationCreate(
        assistant_id=form.id("assistant_id"),
        draft=form.text("draft") == "yes",
        variables=values_in(form),
        temporary=form.text("temporary") == "yes",
    )
    conversation = await chats.create(visitor.token, start)
    refused = await showing.attached(request, visitor, conversation.id, form.files("files"))
    if refused:
        unsent = Unsent(refused, question.text)
        return await showing.page(request, visitor, conversation.id, Place(), unsent)
    await chats.ask(visitor.token, conversation.id, question)
    return go(request, f"/chat/{conversation.id}")


async def open_turn(turn_id: Id, visitor: SignedIn, chats: Chats) -> TurnView:
    """The turn, looked up while a refusal can still be a real status."""
    return await chats.turn(visitor.token, turn_id)


@router.get("/turns/{turn_id}/events", response_class=EventSourceResponse)
async def events(
    request: Request,
    turn: Annotated[TurnView, Depends(open_turn)],
    visitor: SignedIn,
    talking: Talking,
    place: Annotated[ReadTo, Depends()],
) -> AsyncIterator[ServerSentEvent]:
    """The answer as it is written. A page that was left reads on from its last event."""
    async for event in talking.events(request, visitor, turn, place.event):
        yield event


@router.get("/turns/{turn_id}/context")
async def context(
    request: Request, visitor: SignedIn, pages: PagesHere, chats: Chats, turn_id: Id
) -> Response:
    """What the model was sent for an answer: a page, or the piece that opens below it."""
    account = shown_account(await chats.context(visitor.token, turn_id), pages.language(request))
    if is_htmx(request):
        return pages.page(request, "partials/context_open.html", account=account)
    turn = await chats.turn(visitor.token, turn_id)
    return pages.page(
        request,
        "pages/context.html",
        account=account,
        conversation_id=turn.conversation_id,
        question=turn.question.content,
    )


@router.post("/turns/{turn_id}/stop")
async def stop(
    request: Request, visitor: SignedIn, form: Form, talking: Talking, turn_id: Id
) -> Response:
    """End a running answer; what was written stays."""
    del form  # read for its token
    return await talking.stop(request, visitor, turn_id)


@router.get("/{conversation_id}")
async def conversation(
    request: Request,
    visitor: SignedIn,
    showing: Showing,
    conversation_id: Id,
    place: Annotated[Place, Query()],
) -> Response:
    """A conversation. A running answer goes on from where it is."""
    return await showing.page(request, visitor, conversation_id, place)


@router.post("/{conversation_id}/turns")
async def ask(
    request: Request, visitor: SignedIn, form: Form, talking: Talking, conversation_id: Id
) -> Response:
    """Ask the next question, or another one instead of a former one."""
    return await talking.ask(request, visitor, form, conversation_id)


@router.post("/turns/{turn_id}/regenerate")
async def regenerate(
    request: Request, visitor: SignedIn, form: Form, talking: Talking, turn_id: Id
) -> Response:
    """Have a question answered once more; the former answer stays beside the new one."""
    del form  # read for its token
    return await talking.regenerate(request, visitor, turn_id)


@router.post("/{conversation_id}/branch")
async def choose_branch(
    request: Request, visitor: SignedIn, form: Form, talking: Talking, conversation_id: Id
) -> Response:
    """Turn to the branch through another message."""
    return await talking.choose_branch(request, visitor, form, conversation_id)
