"""A conversation as a page, and its attached files as a piece of it."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.responses import Response

from contracts.conversations import MessageView, TurnStatus
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.chat.answers import shown_answers
from web.chat.stream import SoFar, so_far
from web.clients.conversations import Conversations
from web.pages import Pages
from web.problems import words_of, words_of_answer
from web.rooms import room_of
from web.visitors import Asker

_OF_ONE_FILE = (
    ErrorKind.INVALID,
    ErrorKind.TOO_LARGE,
    ErrorKind.UNSUPPORTED,
    ErrorKind.UNPROCESSABLE,
    ErrorKind.CONFLICT,
)
Refused = list[tuple[str, str]]
"""Names of files that were not taken, and why."""


class Place(BaseModel):
    """Where in a long conversation one reads. look: counts refreshes of pages without scripts.
    beside: the last question stands beside another that followed the same answer."""

    after: str = ""
    beside: bool = False
    look: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class Unsent:
    """What was not taken: files, and a question that waits for its asker to see why."""

    refused: Refused = field(default_factory=list)
    question: str = ""


NOTHING = Unsent()


class ConversationPage:
    """Shows conversations, whoever has just changed something in them."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        chats: Annotated[Conversations, provided(Conversations)],
    ) -> None:
        self._pages = pages
        self._chats = chats

    async def page(
        self,
        request: Request,
        visitor: Asker,
        conversation_id: str,
        place: Place,
        unsent: Unsent = NOTHING,
    ) -> Response:
        """All of it. A running answer goes on from where it is."""
        chats, token = self._chats, visitor.token
        found = await chats.get(token, conversation_id)
        messages = await chats.messages(token, conversation_id, place.after)
        running = next((m for m in messages.data if m.status is TurnStatus.RUNNING), None)
        written = SoFar()
        if running is not None:
            events_so_far = chats.events(token, running.turn_id, 0)
            written = await so_far(events_so_far, self._pages.language(request), running.created_at)
        return self._pages.page(
            request,
            "pages/conversation.html",
            status=422 if unsent.refused else 200,
            conversation=found,
            messages=messages,
            running=running,
            written=written,
            look=place.look,
            is_beside=place.beside,
            folders=[] if room_of(request).door else await chats.folders(token),
            answers=await shown_answers(messages.data),
            failures=self._failures(request, messages.data),
            files=await chats.files(token, conversation_id) if found.file_ids else [],
            refused=unsent.refused,
            question=unsent.question,
        )

    async def attached(
        self, request: Request, visitor: Asker, conversation_id: str, files: list[UploadFile]
    ) -> Refused:
        """Take files in turn. The result: names of those refused, and why."""
        refused = []
        for file in files:
            name = file.filename or ""
            try:
                await self._chats.attach(visitor.token, conversation_id, name, file.file)
            except StoreError as error:
                if error.kind not in _OF_ONE_FILE:
                    raise
                refused.append((name, words_of(self._pages.language(request), error)))
        return refused

    async def check(self, visitor: Asker, conversation_id: str) -> None:
        """Raises what the gateway raises for a conversation that is not theirs."""
        await self._chats.get(visitor.token, conversation_id)

    async def take_out(self, visitor: Asker, conversation_id: str, file_id: str) -> None:
        """Take one of them out again."""
        await self._chats.take_out(visitor.token, conversation_id, file_id)

    async def files(
        self,
        request: Request,
        visitor: Asker,
        conversation_id: str,
        refused: Refused | None = None,
    ) -> Response:
        """The attached files alone."""
        return self._pages.page(
            request,
            "partials/attached.html",
            conversation_id=conversation_id,
            files=await self._chats.files(visitor.token, conversation_id),
            refused=refused or [],
        )

    def _failures(self, request: Request, messages: list[MessageView]) -> dict[str, str]:
        language = self._pages.language(request)
        return {m.id: words_of_answer(language, m) for m in messages}


Showing = Annotated[ConversationPage, Depends()]
