"""Conversations of the stand-in gateway: their tree, their order, and what begins a turn."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from contracts.accounts import MemberView
from contracts.building import FeedbackNote
from contracts.conversations import (
    BranchChoice,
    ConversationModify,
    ConversationView,
    FeedbackDeleted,
    FeedbackView,
    FeedbackWrite,
    FolderCreate,
    FolderView,
    MessageView,
    Siblings,
    TurnCreate,
    TurnView,
)
from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from tests.support.gateway_standin import Refused, Standin, begun, not_found, now, write

router = APIRouter()


def talks_app() -> APIRouter:
    """The routes, to be included by the stand-in's app."""
    return router


def _memory(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    return state


Memory = Annotated[Standin, Depends(_memory)]


def _member(state: Memory, request: Request) -> MemberView:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    return state.sessions[token]


Signed = Annotated[MemberView, Depends(_member)]


def find_conversation(state: Standin, conversation_id: str) -> ConversationView:
    if conversation_id not in state.conversations:
        raise not_found("conversation")
    return state.conversations[conversation_id]


def message_of(state: Standin, conversation_id: str, message_id: str) -> MessageView:
    found = [each for each in state.messages[conversation_id] if each.id == message_id]
    if not found:
        raise not_found("message")
    return found[0]


def placed(state: Standin, conversation_id: str, message: MessageView) -> MessageView:
    """The message with its place among its siblings."""
    beside = [m.id for m in state.messages[conversation_id] if m.parent_id == message.parent_id]
    at = beside.index(message.id)
    message.siblings = Siblings(
        index=at + 1,
        count=len(beside),
        previous_id=beside[at - 1] if at else None,
        next_id=beside[at + 1] if at + 1 < len(beside) else None,
    )
    return message


def branch(state: Standin, conversation_id: str) -> list[MessageView]:
    """The branch shown; all messages where a test wrote them itself."""
    known = {each.id: each for each in state.messages[conversation_id]}
    at = state.conversations[conversation_id].last_message_id
    if at not in known:
        return list(known.values())
    path: list[MessageView] = []
    while at is not None:
        path.append(placed(state, conversation_id, known[at]))
        at = known[at].parent_id
    return path[::-1]


def start(state: Standin, turn: TurnView, member: MemberView) -> TurnView:
    for each in (turn.question, turn.answer):
        placed(state, turn.conversation_id, each)
    state.tasks.add(asyncio.get_running_loop().create_task(write(state, turn, member)))
    return turn


@router.get("/v1/conversations")
async def list_conversations(
    state: Memory,
    member: Signed,
    request: Request,
    folder_id: str = "",
    query: str = "",
    pinned: bool | None = None,
) -> Page[Any]:
    del member
    visit = state.visits.get(request.headers["authorization"].removeprefix("Bearer "))
    found = [
        each
        for each in reversed(state.conversations.values())
        if each.expires_at is None
        and (visit is None or each.id in visit.conversations)
        and (not folder_id or each.folder_id == folder_id)
        and (pinned is None or each.pinned is pinned)
        and all(word.lower() in each.title.lower() for word in query.split())
    ]
    ends = (found[0].id, found[-1].id) if found else (None, None)
    return Page[Any](data=found, first_id=ends[0], last_id=ends[1])


@router.get("/v1/conversations/{conversation_id}")
async def read(state: Memory, member: Signed, conversation_id: str) -> ConversationView:
    del member
    return find_conversation(state, conversation_id)


@router.patch("/v1/conversations/{conversation_id}")
async def modify(
    state: Memory, member: Signed, conversation_id: str, body: ConversationModify
) -> ConversationView:
    del member
    found = find_conversation(state, conversation_id)
    found.title, found.pinned = body.title or found.title, bool(body.pinned)
    found.folder_id = body.folder_id
    return found


@router.delete("/v1/conversations/{conversation_id}")
async def delete(state: Memory, member: Signed, conversation_id: str) -> Deleted:
    del member
    found = state.conversations.pop(find_conversation(state, conversation_id).id)
    if found.expires_at is None:
        state.deleted[conversation_id] = found
    return Deleted(id=conversation_id, object="conversation.deleted")


@router.post("/v1/conversations/{conversation_id}/restore")
async def restore(state: Memory, member: Signed, conversation_id: str) -> ConversationView:
    del member
    if conversation_id in state.deleted:
        state.conversations[conversation_id] = state.deleted.pop(conversation_id)
    return find_conversation(state, conversation_id)


@router.post("/v1/conversations/{conversation_id}/branch")
async def choose_branch(
    state: Memory, member: Signed, conversation_id: str, body: BranchChoice
) -> ConversationView:
    del member
    found = find_conversation(state, conversation_id)
    end = message_of(state, conversation_id, body.message_id)
    while below := [m for m in state.messages[conversation_id] if m.parent_id == end.id]:
        end = below[-1]
    found.last_message_id = end.id
    return found


@router.get("/v1/conversations/{conversation_id}/messages")
async def list_messages(state: Memory, member: Signed, conversation_id: str) -> Page[Any]:
    del member
    found = branch(state, find_conversation(state, conversation_id).id)
    ends = (found[0].id, found[-1].id) if found else (None, None)
    return Page[Any](data=found, first_id=ends[0], last_id=ends[1])


@router.post("/v1/conversations/{conversation_id}/turns", status_code=201)
async def ask(
    state: Memory, member: Signed, request: Request, conversation_id: str, body: TurnCreate
) -> TurnView:
    found = find_conversation(state, conversation_id)
    visit = state.visits.get(request.headers["authorization"].removeprefix("Bearer "))
    if visit is not None:
        if visit.answers_left <= 0:
            raise Refused(ErrorKind.RATE_LIMITED, "guest_allowance_reached", "That was all.")
        visit.answers_left -= 1
    found.title = found.title or body.text[:80]
    parent_id = body.parent_id or found.last_message_id
    if body.edits is not None:
        parent_id = message_of(state, conversation_id, body.edits).parent_id
    return start(state, begun(state, conversation_id, body.text, parent_id), member)


@router.post("/v1/turns/{turn_id}/regenerate", status_code=201)
async def regenerate(state: Memory, member: Signed, turn_id: str) -> TurnView:
    if turn_id not in state.turns:
        raise not_found("turn")
    former = state.turns[turn_id]
    turn = begun(state, former.conversation_id, "", None, former.question)
    return start(state, turn, member)


@router.get("/v1/folders")
async def list_folders(state: Memory, member: Signed) -> Page[Any]:
    del member
    return Page[Any](data=list(state.folders.values()), first_id=None, last_id=None)


@router.post("/v1/folders", status_code=201)
async def make_folder(state: Memory, member: Signed, body: FolderCreate) -> FolderView:
    del member
    made = FolderView(id=new_id("fld_"), name=body.name, created_at=now())
    state.folders[made.id] = made
    return made


@router.patch("/v1/folders/{folder_id}")
async def rename_folder(
    state: Memory, member: Signed, folder_id: str, body: FolderCreate
) -> FolderView:
    del member
    if folder_id not in state.folders:
        raise not_found("folder")
    state.folders[folder_id].name = body.name
    return state.folders[folder_id]


@router.delete("/v1/folders/{folder_id}")
async def delete_folder(state: Memory, member: Signed, folder_id: str) -> Deleted:
    del member
    if state.folders.pop(folder_id, None) is None:
        raise not_found("folder")
    for each in state.conversations.values():
        each.folder_id = None if each.folder_id == folder_id else each.folder_id
    return Deleted(id=folder_id, object="folder.deleted")


@router.get("/v1/conversations/{conversation_id}/export.{form}")
async def export(state: Memory, member: Signed, conversation_id: str, form: str) -> Response:
    del member
    said = [each.content for each in branch(state, find_conversation(state, conversation_id).id)]
    media_type = "text/markdown" if form == "md" else "application/json"
    return Response("\n".join(said) if form == "md" else json.dumps(said), media_type=media_type)


def answer_of(state: Standin, message_id: str) -> tuple[str, MessageView]:
    """The conversation of an answer, and the answer."""
    for conversation_id, messages in state.messages.items():
        for each in messages:
            if each.id == message_id and each.role == "assistant":
                return conversation_id, each
    raise not_found("message")


@router.put("/v1/messages/{message_id}/feedback")
async def give_feedback(
    state: Memory, member: Signed, message_id: str, body: FeedbackWrite
) -> FeedbackView:
    del member
    conversation_id, answer = answer_of(state, message_id)
    answer.feedback = FeedbackView(
        id=f"fb_{message_id}",
        message_id=message_id,
        conversation_id=conversation_id,
        created_at=now(),
        updated_at=now(),
        **body.model_dump(),
    )
    return answer.feedback


@router.delete("/v1/messages/{message_id}/feedback")
async def take_feedback_back(state: Memory, member: Signed, message_id: str) -> FeedbackDeleted:
    del member
    conversation_id, answer = answer_of(state, message_id)
    answer.feedback = None
    return FeedbackDeleted(id=message_id, conversation_id=conversation_id)


@router.get("/v1/assistants/{assistant_id}/feedback")
async def list_feedback(
    state: Memory, member: Signed, assistant_id: str, after: str = "", limit: int = 20
) -> Page[FeedbackNote]:
    del member
    about = [each.id for each in state.conversations.values() if each.assistant_id == assistant_id]
    given = [each.feedback for one in about for each in state.messages[one] if each.feedback]
    found = [
        FeedbackNote.model_validate(
            each.model_dump(include=set(FeedbackNote.model_fields) - {"object"})
        )
        for each in reversed(given)
        if each.comment or each.correction
    ]
    start = [each.id for each in found].index(after) + 1 if after else 0
    shown = found[start : start + limit]
    ends = (shown[0].id, shown[-1].id) if shown else (None, None)
    has_more = len(found) > start + limit
    return Page(data=shown, first_id=ends[0], last_id=ends[1], has_more=has_more)
