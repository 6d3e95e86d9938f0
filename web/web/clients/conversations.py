"""Conversations, their messages, and the events of a running turn."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import BinaryIO

import httpx2

from contracts.clients.http import parsed, remote_error, understood
from contracts.clients.lines import lines_of
from contracts.context import ContextView
from contracts.conversations import (
    BranchChoice,
    ConversationCreate,
    ConversationFileView,
    ConversationModify,
    ConversationView,
    FeedbackDeleted,
    FeedbackView,
    FeedbackWrite,
    FolderCreate,
    FolderView,
    MessageView,
    TurnCreate,
    TurnEvent,
    TurnView,
)
from contracts.errors import ErrorEnvelope, ErrorKind, RemoteError
from contracts.lists import Deleted, Page
from web.clients.gateway import UPLOAD_TIMEOUT, Gateway, headers_for, no_answer

PAGE_SIZE = 30
MESSAGES_SHOWN = 100
MOST_FOLDERS = 100
MOST_FILES = 100
# The gateway pings open streams; silence this long means that it is gone.
_STREAM_TIMEOUT = httpx2.Timeout(10, read=60)


@dataclass(frozen=True)
class Wanted:
    """Which conversations a list is to hold."""

    folder_id: str = ""
    query: str = ""
    pinned: bool | None = None


class Conversations:
    """What a member asked, and the answers."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def page(self, token: str, wanted: Wanted, after: str = "") -> Page[ConversationView]:
        """The member's conversations of that kind, latest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if after:
            query["after"] = after
        if wanted.folder_id:
            query["folder_id"] = wanted.folder_id
        if wanted.query:
            query["query"] = wanted.query
        if wanted.pinned is not None:
            query["pinned"] = "true" if wanted.pinned else "false"
        return await self._gateway.get(Page[ConversationView], token, "/v1/conversations", query)

    async def folders(self, token: str) -> list[FolderView]:
        """The member's folders by name; there are at most a hundred."""
        query: dict[str, str | int] = {"limit": MOST_FOLDERS}
        found = await self._gateway.get(Page[FolderView], token, "/v1/folders", query)
        return sorted(found.data, key=lambda folder: folder.name.casefold())

    async def make_folder(self, token: str, wanted: FolderCreate) -> FolderView:
        """A new folder."""
        return await self._gateway.post(FolderView, token, "/v1/folders", wanted)

    async def rename_folder(self, token: str, folder_id: str, wanted: FolderCreate) -> FolderView:
        """Give a folder another name."""
        return await self._gateway.patch(FolderView, token, f"/v1/folders/{folder_id}", wanted)

    async def delete_folder(self, token: str, folder_id: str) -> None:
        """Take a folder away; what lay in it stays."""
        await self._gateway.delete(Deleted, token, f"/v1/folders/{folder_id}")

    async def modify(
        self, token: str, conversation_id: str, changes: ConversationModify
    ) -> ConversationView:
        """Rename it, pin it, put it into a folder."""
        path = f"/v1/conversations/{conversation_id}"
        return await self._gateway.patch(ConversationView, token, path, changes)

    async def restore(self, token: str, conversation_id: str) -> ConversationView:
        """Have it back after it was deleted."""
        path = f"/v1/conversations/{conversation_id}/restore"
        return await self._gateway.post(ConversationView, token, path)

    async def choose_branch(self, token: str, conversation_id: str, choice: BranchChoice) -> None:
        """Show the branch through a message."""
        path = f"/v1/conversations/{conversation_id}/branch"
        await self._gateway.post(ConversationView, token, path, choice)

    async def create(self, token: str, begin: ConversationCreate) -> ConversationView:
        """Begin a conversation."""
        return await self._gateway.post(ConversationView, token, "/v1/conversations", begin)

    async def get(self, token: str, conversation_id: str) -> ConversationView:
        """One conversation."""
        path = f"/v1/conversations/{conversation_id}"
        return await self._gateway.get(ConversationView, token, path)

    async def messages(
        self, token: str, conversation_id: str, after: str = ""
    ) -> Page[MessageView]:
        """The messages of the branch shown, oldest first."""
        query: dict[str, str | int] = {"limit": MESSAGES_SHOWN, "order": "asc"}
        if after:
            query["after"] = after
        path = f"/v1/conversations/{conversation_id}/messages"
        return await self._gateway.get(Page[MessageView], token, path, query)

    async def files(self, token: str, conversation_id: str) -> list[ConversationFileView]:
        """What is attached to it, the first attached first; there are at most a hundred."""
        path = f"/v1/conversations/{conversation_id}/files"
        query: dict[str, str | int] = {"limit": MOST_FILES, "order": "asc"}
        return (await self._gateway.get(Page[ConversationFileView], token, path, query)).data

    async def attach(
        self, token: str, conversation_id: str, filename: str, content: BinaryIO
    ) -> ConversationFileView:
        """Attach a file, streamed from where it was spooled."""
        try:
            response = await self._gateway.http.post(
                f"/v1/conversations/{conversation_id}/files",
                files={"file": (filename, content)},
                headers=headers_for(token),
                timeout=UPLOAD_TIMEOUT,
            )
        except httpx2.HTTPError as error:
            raise no_answer(error) from error
        return parsed(ConversationFileView, response)

    async def take_out(self, token: str, conversation_id: str, file_id: str) -> None:
        """Take a file out of it, and delete it."""
        path = f"/v1/conversations/{conversation_id}/files/{file_id}"
        await self._gateway.delete(Deleted, token, path)

    async def delete(self, token: str, conversation_id: str) -> None:
        """Delete it with its messages."""
        await self._gateway.delete(Deleted, token, f"/v1/conversations/{conversation_id}")

    async def ask(self, token: str, conversation_id: str, turn: TurnCreate) -> TurnView:
        """Begin a turn."""
        path = f"/v1/conversations/{conversation_id}/turns"
        return await self._gateway.post(TurnView, token, path, turn)

    async def turn(self, token: str, turn_id: str) -> TurnView:
        """A turn as it stands."""
        return await self._gateway.get(TurnView, token, f"/v1/turns/{turn_id}")

    async def context(self, token: str, turn_id: str) -> ContextView:
        """What the model was sent for a turn."""
        return await self._gateway.get(ContextView, token, f"/v1/turns/{turn_id}/context")

    async def stop(self, token: str, turn_id: str) -> TurnView:
        """End a running turn."""
        return await self._gateway.post(TurnView, token, f"/v1/turns/{turn_id}/stop")

    async def regenerate(self, token: str, turn_id: str) -> TurnView:
        """Have a turn's question answered once more."""
        return await self._gateway.post(TurnView, token, f"/v1/turns/{turn_id}/regenerate")

    async def give_feedback(self, token: str, message_id: str, said: FeedbackWrite) -> FeedbackView:
        """Say what an answer is worth."""
        return await self._gateway.put(
            FeedbackView, token, f"/v1/messages/{message_id}/feedback", said
        )

    async def take_feedback_back(self, token: str, message_id: str) -> FeedbackDeleted:
        """As if nothing had been said of it."""
        path = f"/v1/messages/{message_id}/feedback"
        return await self._gateway.delete(FeedbackDeleted, token, path)

    async def export(self, token: str, conversation_id: str, form: str) -> httpx2.Response:
        """The branch shown as `md` or `json`, on its way; to be closed by whoever reads it."""
        path = f"/v1/conversations/{conversation_id}/export.{form}"
        return await self._gateway.streamed(token, "GET", path)

    async def events(self, token: str, turn_id: str, after: int) -> AsyncGenerator[TurnEvent, None]:
        """A turn's events after a given one, as they come. Closing it lets the reader go."""
        try:
            async with self._gateway.http.stream(
                "GET",
                f"/v1/turns/{turn_id}/events",
                params={"starting_after": after},
                headers=headers_for(token) | {"accept": "text/event-stream"},
                timeout=_STREAM_TIMEOUT,
            ) as response:
                if not response.is_success:
                    await response.aread()
                    raise remote_error(response)
                is_last = False
                async for line in lines_of(response):
                    is_last = is_last or line == "event: error"
                    # Events carry their own id and type, each as one line of JSON.
                    if line.startswith("data:"):
                        if is_last:
                            raise _shut_out(line[5:])
                        yield understood(TurnEvent, line[5:])
        except httpx2.HTTPError as error:
            raise no_answer(error) from error


def _shut_out(data: str) -> RemoteError:
    """The gateway's last word to a reader whose session has ended meanwhile."""
    body = understood(ErrorEnvelope, data).error
    return RemoteError(ErrorKind.UNAUTHENTICATED, body)
