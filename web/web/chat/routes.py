"""The chat's pages: history, a conversation, and its turns."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field
from starlette.responses import Response

from contracts.conversations import (
    ConversationCreate,
    MessageView,
    TurnStatus,
    TurnView,
)
from runtime.provide import provided
from web.chat.answers import shown_answers
from web.chat.contexts import shown_account
from web.chat.questions import question_of, values_in
from web.chat.stream import SoFar, page_events, so_far
from web.clients.assistants import Assistants
from web.clients.conversations import Conversations
from web.forms import Form
from web.pages import Pages, go, is_htmx
from web.paths import ID_PATTERN, Id
from web.problems import words_of_answer
from web.visitors import SignedIn

router = APIRouter(prefix="/chat", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
Chats = Annotated[Conversations, provided(Conversations)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]
IdQuery = Annotated[str, Query(pattern=ID_PATTERN)]


class Place(BaseModel):
    """Where in a long conversation one reads. look: counts refreshes of pages without scripts."""

    after: str = ""
    look: int = Field(default=0, ge=0)


@router.get("")
async def history(
    request: Request, visitor: SignedIn, pages: PagesHere, chats: Chats, after: str = ""
) -> Response:
    """The member's conversations, latest first."""
    page = await chats.page(visitor.token, after)
    return pages.page(request, "pages/chat_history.html", page=page, is_first_page=not after)


@router.get("/new")
async def begin(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    assistant: IdQuery,
    draft: bool = False,
) -> Response:
    """An assistant, before the first question: what is published of it, or its draft."""
    asked = assistants.get if draft else assistants.askable
    found = await asked(visitor.token, assistant)
    return pages.page(request, "pages/chat_new.html", assistant=found, is_draft=draft)


@router.post("/conversations")
async def create(request: Request, visitor: SignedIn, form: Form, chats: Chats) -> Response:
    """Begin a conversation with its first question."""
    question = question_of(form.text("starter") or form.text("text"))
    start = ConversationCreate(
        assistant_id=form.id("assistant_id"),
        draft=form.text("draft") == "yes",
        variables=values_in(form),
    )
    conversation = await chats.create(visitor.token, start)
    await chats.ask(visitor.token, conversation.id, question)
    return go(request, f"/chat/{conversation.id}")


class ReadTo:
    """How far the reader is: by the page, or by the browser after a broken connection."""

    def __init__(
        self,
        after: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[str, Header()] = "",
    ) -> None:
        self.event = int(last_event_id) if last_event_id.isdecimal() else after


async def open_turn(turn_id: Id, visitor: SignedIn, chats: Chats) -> TurnView:
    """The turn, looked up while a refusal can still be a real status."""
    return await chats.turn(visitor.token, turn_id)


@router.get("/turns/{turn_id}/events", response_class=EventSourceResponse)
async def events(
    request: Request,
    turn: Annotated[TurnView, Depends(open_turn)],
    visitor: SignedIn,
    pages: PagesHere,
    chats: Chats,
    place: Annotated[ReadTo, Depends()],
) -> AsyncIterator[ServerSentEvent]:
    """The answer as it is written. A page that was left reads on from its last event."""
    conversation = await chats.get(visitor.token, turn.conversation_id)
    events_left = chats.events(visitor.token, turn.id, place.event)
    async for event in page_events(events_left, request, pages, conversation.opens_sources):
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
    request: Request, visitor: SignedIn, form: Form, chats: Chats, turn_id: Id
) -> Response:
    """End a running answer; what was written stays."""
    del form  # read for its token
    turn = await chats.stop(visitor.token, turn_id)
    if is_htmx(request):
        return Response(status_code=204)
    return go(request, f"/chat/{turn.conversation_id}#latest")


@router.get("/{conversation_id}")
async def conversation(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    chats: Chats,
    conversation_id: Id,
    place: Annotated[Place, Query()],
) -> Response:
    """A conversation. A running answer goes on from where it is."""
    found = await chats.get(visitor.token, conversation_id)
    messages = await chats.messages(visitor.token, conversation_id, place.after)
    running = next((m for m in messages.data if m.status is TurnStatus.RUNNING), None)
    written = SoFar()
    if running is not None:
        events_so_far = chats.events(visitor.token, running.turn_id, 0)
        written = await so_far(events_so_far, pages.language(request))
    return pages.page(
        request,
        "pages/conversation.html",
        conversation=found,
        messages=messages,
        running=running,
        written=written,
        look=place.look,
        answers=await shown_answers(messages.data),
        failures=_failures(request, pages, messages.data),
    )


@router.post("/{conversation_id}/turns")
async def ask(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    chats: Chats,
    conversation_id: Id,
) -> Response:
    """Ask the next question."""
    turn = await chats.ask(
        visitor.token, conversation_id, question_of(form.text("starter") or form.text("text"))
    )
    if not is_htmx(request):
        return go(request, f"/chat/{conversation_id}#latest")
    return pages.page(request, "partials/turn.html", turn=turn, written=SoFar())


@router.post("/{conversation_id}/delete")
async def delete(
    request: Request, visitor: SignedIn, form: Form, chats: Chats, conversation_id: Id
) -> Response:
    """Delete a conversation."""
    del form  # read for its token
    await chats.delete(visitor.token, conversation_id)
    return go(request, "/chat")


def _failures(request: Request, pages: Pages, messages: list[MessageView]) -> dict[str, str]:
    language = pages.language(request)
    return {m.id: words_of_answer(language, m) for m in messages}
