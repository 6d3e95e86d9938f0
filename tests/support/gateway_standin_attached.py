"""The stand-in's attached files: documents whose collection is their conversation."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile

from contracts.conversations import ConversationFileView
from contracts.errors import ErrorKind
from contracts.files import DocumentProgress, DocumentView
from contracts.ids import new_id
from contracts.jobs import Stage
from contracts.lists import Deleted, Page
from tests.support.gateway_standin import Refused, Standin, not_found, now

router = APIRouter()


def attached_app() -> APIRouter:
    """The routes, to be included by the stand-in's app."""
    return router


def _memory(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    return state


Memory = Annotated[Standin, Depends(_memory)]


def _signed_in(state: Memory, request: Request, conversation_id: str) -> None:
    if request.headers.get("authorization", "").removeprefix("Bearer ") not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    if conversation_id not in state.conversations:
        raise not_found("conversation")


SignedIn = Depends(_signed_in)


@router.post("/v1/conversations/{conversation_id}/files", status_code=201, dependencies=[SignedIn])
async def attach(state: Memory, request: Request, conversation_id: str) -> ConversationFileView:
    conversation = state.conversations[conversation_id]
    async with request.form() as form:
        file = form["file"]
        assert isinstance(file, UploadFile)
        content, name = await file.read(), file.filename or ""
    if conversation.expires_at:
        raise Refused(ErrorKind.CONFLICT, "conversation_temporary", "It is temporary.")
    if not content:
        raise Refused(ErrorKind.INVALID, "empty_file", "This file is empty.")
    file_id = new_id("file-")
    state.documents[file_id] = DocumentView(
        id=file_id,
        created_at=now(),
        vector_store_id=conversation_id,
        usage_bytes=len(content),
        status="in_progress",
        filename=name,
        document_version=1,
        progress=DocumentProgress(stage=Stage.QUEUED),
    )
    conversation.file_ids.append(file_id)
    return view(state.documents[file_id])


@router.get("/v1/conversations/{conversation_id}/files", dependencies=[SignedIn])
async def attached(state: Memory, conversation_id: str) -> Page[Any]:
    mine = [each for each in state.documents.values() if each.vector_store_id == conversation_id]
    if state.steps_by_itself:
        state.step()
    return Page(data=[view(each) for each in mine])


@router.delete("/v1/conversations/{conversation_id}/files/{file_id}", dependencies=[SignedIn])
async def take_out(state: Memory, conversation_id: str, file_id: str) -> Deleted:
    conversation = state.conversations[conversation_id]
    if file_id not in conversation.file_ids:
        raise Refused(ErrorKind.NOT_FOUND, "file_not_attached", "It is not attached.")
    conversation.file_ids.remove(file_id)
    del state.documents[file_id]
    return Deleted(id=file_id, object="conversation.file.deleted")


def view(document: DocumentView) -> ConversationFileView:
    """A document as a file of its conversation."""
    assert document.status != "cancelled"
    return ConversationFileView(
        id=document.id,
        conversation_id=document.vector_store_id,
        created_at=document.created_at,
        filename=document.filename,
        bytes=document.usage_bytes,
        status=document.status,
        last_error=document.last_error,
        progress=document.progress,
        passage_count=document.passage_count,
    )
