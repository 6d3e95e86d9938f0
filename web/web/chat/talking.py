"""What is done in a conversation, whoever asks: a member in the chat, or a guest in their room."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.sse import ServerSentEvent
from starlette.responses import Response

from contracts.conversations import TurnView
from runtime.provide import provided
from web.chat.forms import branch_in, said_in, turn_in
from web.chat.stream import SoFar, page_events
from web.clients.conversations import Conversations
from web.forms import Submitted
from web.pages import Pages, go, is_htmx
from web.problems import words_of
from web.rooms import VisitOver, one_less, room_of
from web.visitors import Asker


class ReadTo:
    """How far the reader is: by the page, or by the browser after a broken connection."""

    def __init__(
        self,
        after: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[str, Header()] = "",
    ) -> None:
        self.event = int(last_event_id) if last_event_id.isdecimal() else after


class ConversationDesk:
    """Takes what a conversation's page sends, and answers with where to go on, or a piece of it."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        chats: Annotated[Conversations, provided(Conversations)],
    ) -> None:
        self._pages = pages
        self._chats = chats

    async def ask(
        self, request: Request, asker: Asker, form: Submitted, conversation_id: str
    ) -> Response:
        """Ask the next question, or another one instead of a former one."""
        asked = turn_in(form)
        turn = await self._chats.ask(asker.token, conversation_id, asked)
        one_less(request)
        # Another window asked after the same answer: both questions stand, on their own branches.
        is_beside = asked.edits is None and turn.question.siblings.count > 1
        if not is_htmx(request):
            return self._on(request, conversation_id, "latest", "?beside=true" if is_beside else "")
        return self._pages.page(
            request,
            "partials/turn.html",
            turn=turn,
            written=SoFar(),
            is_beside=is_beside,
            conversation_id=conversation_id,
        )

    async def events(
        self, request: Request, asker: Asker, turn: TurnView, after: int
    ) -> AsyncIterator[ServerSentEvent]:
        """The answer as it is written, from behind an event on."""
        conversation = await self._chats.get(asker.token, turn.conversation_id)
        events_left = self._chats.events(asker.token, turn.id, after)
        async for event in page_events(events_left, request, self._pages, conversation):
            yield event

    def over(self, request: Request) -> ServerSentEvent:
        """The end of an answer whose reader was shown out meanwhile."""
        said = words_of(self._pages.language(request), VisitOver())
        piece = self._pages.fragment(request, "partials/failed.html", words=said)
        return ServerSentEvent(event="failed", data=piece)

    async def stop(self, request: Request, asker: Asker, turn_id: str) -> Response:
        """End a running answer; what was written stays."""
        turn = await self._chats.stop(asker.token, turn_id)
        if is_htmx(request):
            return Response(status_code=204)
        return self._on(request, turn.conversation_id, "latest")

    async def regenerate(self, request: Request, asker: Asker, turn_id: str) -> Response:
        """Have a question answered once more; the former answer stays beside the new one."""
        turn = await self._chats.regenerate(asker.token, turn_id)
        return self._on(request, turn.conversation_id, "latest")

    async def choose_branch(
        self, request: Request, asker: Asker, form: Submitted, conversation_id: str
    ) -> Response:
        """Turn to the branch through another message."""
        choice = branch_in(form)
        await self._chats.choose_branch(asker.token, conversation_id, choice)
        return self._on(request, conversation_id, choice.message_id)

    async def give_feedback(
        self, request: Request, asker: Asker, form: Submitted, message_id: str
    ) -> Response:
        """Say what an answer is worth; once more replaces it."""
        given = await self._chats.give_feedback(asker.token, message_id, said_in(form))
        if not is_htmx(request):
            return self._on(request, given.conversation_id, message_id)
        return self._pages.page(
            request, "partials/feedback.html", message_id=message_id, feedback=given, is_open=True
        )

    async def take_feedback_back(self, request: Request, asker: Asker, message_id: str) -> Response:
        """As if nothing had been said."""
        taken = await self._chats.take_feedback_back(asker.token, message_id)
        if not is_htmx(request):
            return self._on(request, taken.conversation_id, message_id)
        return self._pages.page(
            request, "partials/feedback.html", message_id=message_id, feedback=None, is_open=False
        )

    def _on(self, request: Request, conversation_id: str, part: str, query: str = "") -> Response:
        return go(request, f"{room_of(request).talks}/{conversation_id}{query}#{part}")


Talking = Annotated[ConversationDesk, Depends()]
