"""The live draft beside its form: a chat that begins anew whenever its builder wants."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from contracts.conversations import ConversationCreate, TurnView
from runtime.provide import provided
from web.chat.questions import question_of, values_in
from web.chat.stream import SoFar
from web.clients.assistants import Assistants
from web.clients.conversations import Conversations
from web.forms import Form, Submitted
from web.pages import Pages, go, is_htmx
from web.paths import Id
from web.visitors import SignedIn, Visitor

router = APIRouter(prefix="/studio", include_in_schema=False)


class PreviewDesk:
    """Shows the draft, and begins conversations with it."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        assistants: Annotated[Assistants, provided(Assistants)],
        chats: Annotated[Conversations, provided(Conversations)],
    ) -> None:
        self._pages = pages
        self._assistants = assistants
        self._chats = chats

    async def piece(
        self, request: Request, visitor: Visitor, assistant_id: str, turn: TurnView | None
    ) -> Response:
        """The panel: with the first turn, or before it."""
        assistant = await self._assistants.get(visitor.token, assistant_id)
        return self._pages.page(
            request, "partials/preview.html", assistant=assistant, turn=turn, written=SoFar()
        )

    async def begin(self, visitor: Visitor, assistant_id: str, form: Submitted) -> TurnView:
        """The first turn of a new conversation with the draft."""
        question = question_of(form.text("starter") or form.text("text"))
        create = ConversationCreate(
            assistant_id=assistant_id, draft=True, variables=values_in(form)
        )
        conversation = await self._chats.create(visitor.token, create)
        return await self._chats.ask(visitor.token, conversation.id, question)


Desk = Annotated[PreviewDesk, Depends(PreviewDesk)]


@router.get("/{assistant_id}/preview")
async def door(request: Request, visitor: SignedIn, desk: Desk, assistant_id: Id) -> Response:
    """The draft before its first question; without scripts a page of its own."""
    shown = await desk.piece(request, visitor, assistant_id, None)
    address = f"/chat/new?assistant={assistant_id}&draft=true"
    return shown if is_htmx(request) else RedirectResponse(address, status_code=303)


@router.post("/{assistant_id}/preview")
async def ask(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, assistant_id: Id
) -> Response:
    """Begin a conversation with the draft."""
    turn = await desk.begin(visitor, assistant_id, form)
    if not is_htmx(request):
        return go(request, f"/chat/{turn.conversation_id}")
    return await desk.piece(request, visitor, assistant_id, turn)
