"""Conversations and turns on the public API."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from contracts.accounts import Scope
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
from contracts.errors import StoreError
from contracts.lists import Deleted, Page
from gateway.caller import Caller
from gateway.conversations.rules import Wanted, wanted_words
from gateway.conversations.service.contexts import ContextService
from gateway.conversations.service.conversations import ConversationService
from gateway.conversations.service.exporting import TranscriptService
from gateway.conversations.service.feedback import FeedbackService
from gateway.conversations.service.files import ConversationFileService
from gateway.conversations.service.folders import FolderService
from gateway.conversations.service.turns import TurnService
from gateway.knowledge.routes.files import Files, received_upload
from gateway.paging import PageRequest, Paging
from gateway.signed_in import open_to_visits, signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["conversations"])
Conversations = Annotated[ConversationService, provided(ConversationService)]
Contexts = Annotated[ContextService, provided(ContextService)]
Turns = Annotated[TurnService, provided(TurnService)]
Transcripts = Annotated[TranscriptService, provided(TranscriptService)]
Feedbacks = Annotated[FeedbackService, provided(FeedbackService)]
Folders = Annotated[FolderService, provided(FolderService)]
Attached = Annotated[ConversationFileService, provided(ConversationFileService)]
MayChat = Annotated[Caller, signed_in_with(Scope.CHAT)]
GuestToo = Annotated[Caller, open_to_visits(Scope.CHAT)]
"""For guests too: whoever asks an assistant by a door does so by these routes, and no others."""

FILE_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def _oldest_first(request: Request, page: Paging) -> PageRequest:
    return page if "order" in request.query_params else replace(page, order="asc")


@router.post("/conversations", status_code=201)
async def begin(
    create: ConversationCreate, caller: GuestToo, conversations: Conversations
) -> ConversationView:
    """Open a conversation with an assistant."""
    return await conversations.begin(caller, create)


@router.get("/conversations")
async def list_conversations(
    caller: GuestToo,
    page: Paging,
    conversations: Conversations,
    folder_id: Annotated[str | None, Query(max_length=100)] = None,
    pinned: bool | None = None,
    query: Annotated[str, Query(max_length=200)] = "",
) -> Page[ConversationView]:
    """The caller's conversations, the newest first: all, or those of a folder, those that are
    pinned or not, those in whose title or messages every word of `query` stands."""
    wanted = Wanted(folder_id, pinned, wanted_words(query))
    return await conversations.list(caller, wanted, page)


@router.get("/conversations/{conversation_id}")
async def get(
    conversation_id: str, caller: GuestToo, conversations: Conversations
) -> ConversationView:
    """One conversation."""
    return await conversations.get(caller, conversation_id)


@router.patch("/conversations/{conversation_id}")
async def modify(
    conversation_id: str,
    changes: ConversationModify,
    caller: MayChat,
    conversations: Conversations,
) -> ConversationView:
    """Rename a conversation, pin it, put it into a folder or out of it."""
    return await conversations.modify(caller, conversation_id, changes)


@router.post("/conversations/{conversation_id}/restore")
async def restore(
    conversation_id: str, caller: MayChat, conversations: Conversations
) -> ConversationView:
    """Have a deleted conversation back: for 30 days, unless the installation says otherwise."""
    return await conversations.restore(caller, conversation_id)


@router.post("/conversations/{conversation_id}/branch")
async def choose_branch(
    conversation_id: str, choice: BranchChoice, caller: GuestToo, conversations: Conversations
) -> ConversationView:
    """Show the branch through a message from now on."""
    return await conversations.choose_branch(caller, conversation_id, choice)


@router.delete("/conversations/{conversation_id}")
async def delete(conversation_id: str, caller: GuestToo, conversations: Conversations) -> Deleted:
    """Delete a conversation. A temporary one is erased at once."""
    return await conversations.delete(caller, conversation_id)


@router.get("/conversations/{conversation_id}/messages")
async def messages(
    conversation_id: str,
    caller: GuestToo,
    page: Annotated[PageRequest, Depends(_oldest_first)],
    conversations: Conversations,
) -> Page[MessageView]:
    """What was said on the branch that is shown, the oldest first."""
    return await conversations.messages(caller, conversation_id, page)


@router.post("/conversations/{conversation_id}/files", status_code=201, openapi_extra=FILE_FORM)
async def attach(
    request: Request, conversation_id: str, caller: MayChat, files: Files, attached: Attached
) -> ConversationFileView:
    """Attach a file to a conversation: its answers read it, and nobody else's."""
    await attached.check(caller, conversation_id)  # asked before a large body is taken
    received, _ = await received_upload(request, files)
    return await attached.attach(caller, conversation_id, received)


@router.get("/conversations/{conversation_id}/files")
async def list_attached(
    conversation_id: str, caller: MayChat, page: Paging, attached: Attached
) -> Page[ConversationFileView]:
    """The files attached to a conversation, and how far the reading of each is."""
    return await attached.list(caller, conversation_id, page)


@router.delete("/conversations/{conversation_id}/files/{attached_id}")
async def remove_attached(
    conversation_id: str, attached_id: str, caller: MayChat, attached: Attached
) -> Deleted:
    """Take a file out of a conversation, and delete it."""
    return await attached.remove(caller, conversation_id, attached_id)


@router.get(
    "/conversations/{conversation_id}/export.md",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/markdown": {}}}},
)
async def export_as_markdown(
    conversation_id: str, caller: MayChat, transcripts: Transcripts
) -> StreamingResponse:
    """The branch that is shown as a text, citations as footnotes."""
    pieces = await transcripts.markdown(caller, conversation_id)
    return _download(pieces, conversation_id, "md", "text/markdown; charset=utf-8")


@router.get(
    "/conversations/{conversation_id}/export.json",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {}}}},
)
async def export_as_json(
    conversation_id: str, caller: MayChat, transcripts: Transcripts
) -> StreamingResponse:
    """The branch that is shown, with its conversation, for programs."""
    pieces = await transcripts.as_json(caller, conversation_id)
    return _download(pieces, conversation_id, "json", "application/json")


def _download(
    pieces: AsyncIterator[str], conversation_id: str, ending: str, media_type: str
) -> StreamingResponse:
    disposition = f'attachment; filename="{conversation_id}.{ending}"'
    headers = {"content-disposition": disposition}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


@router.post("/conversations/{conversation_id}/turns", status_code=201)
async def ask(conversation_id: str, asked: TurnCreate, caller: GuestToo, turns: Turns) -> TurnView:
    """Ask something. The answer is written whether or not anybody reads the next call."""
    return await turns.begin(caller, conversation_id, asked)


@router.get("/turns/{turn_id}")
async def get_turn(turn_id: str, caller: GuestToo, turns: Turns) -> TurnView:
    """How a turn stands."""
    return await turns.get(caller, turn_id)


@router.post("/turns/{turn_id}/stop")
async def stop(turn_id: str, caller: GuestToo, turns: Turns) -> TurnView:
    """Stop the answer; what is written stays."""
    return await turns.stop(caller, turn_id)


@router.post("/turns/{turn_id}/regenerate", status_code=201)
async def regenerate(turn_id: str, caller: GuestToo, turns: Turns) -> TurnView:
    """Answer a turn's question once more; the former answer stays beside the new one."""
    return await turns.regenerate(caller, turn_id)


@router.get("/turns/{turn_id}/context")
async def context(turn_id: str, caller: MayChat, contexts: Contexts) -> ContextView:
    """What the model was sent for a turn, part by part: tokens, cost, what was left out."""
    return await contexts.get(caller, turn_id)


async def _own_turn(turn_id: str, caller: GuestToo, turns: Turns) -> str:
    """Refuse foreign turns while a real status can still be sent."""
    return (await turns.get(caller, turn_id)).id


@router.get("/turns/{turn_id}/events", response_class=EventSourceResponse)
async def events(
    turn_id: Annotated[str, Depends(_own_turn)],
    caller: GuestToo,
    turns: Turns,
    starting_after: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> AsyncIterator[ServerSentEvent]:
    """The turn as it is written, from any event on. Reading it keeps the turn alive."""
    after = int(last_event_id) if last_event_id.isdecimal() else starting_after
    try:
        async with aclosing(turns.events(caller, turn_id, after)) as found:
            async for event in found:
                yield ServerSentEvent(id=str(event.id), event=event.type, data=event)
    except StoreError as error:  # the 200 is sent, so failing is an event
        failed = TurnEvent(id=after + 1, type="failed", code=error.code, text=error.message)
        yield ServerSentEvent(event=failed.type, data=failed)


@router.put("/messages/{message_id}/feedback")
async def give_feedback(
    message_id: str, said: FeedbackWrite, caller: GuestToo, feedback: Feedbacks
) -> FeedbackView:
    """Say what an answer is worth, to those who build the assistant; once more replaces it."""
    return await feedback.give(caller, message_id, said)


@router.delete("/messages/{message_id}/feedback")
async def take_feedback_back(
    message_id: str, caller: GuestToo, feedback: Feedbacks
) -> FeedbackDeleted:
    """Take back what was said of an answer."""
    return await feedback.take_back(caller, message_id)


@router.post("/folders", status_code=201)
async def create_folder(wanted: FolderCreate, caller: MayChat, folders: Folders) -> FolderView:
    """Make a folder for conversations."""
    return await folders.create(caller, wanted)


@router.get("/folders")
async def list_folders(caller: MayChat, page: Paging, folders: Folders) -> Page[FolderView]:
    """The caller's folders."""
    return await folders.list(caller, page)


@router.patch("/folders/{folder_id}")
async def rename_folder(
    folder_id: str, wanted: FolderCreate, caller: MayChat, folders: Folders
) -> FolderView:
    """Give a folder another name."""
    return await folders.rename(caller, folder_id, wanted)


@router.delete("/folders/{folder_id}")
async def delete_folder(folder_id: str, caller: MayChat, folders: Folders) -> Deleted:
    """Delete a folder; the conversations in it stay."""
    return await folders.delete(caller, folder_id)
