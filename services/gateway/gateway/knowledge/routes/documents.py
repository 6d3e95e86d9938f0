"""Documents (vector store files) on the public API."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from contracts.files import (
    DocumentCreate,
    DocumentModify,
    DocumentReplace,
    DocumentTextPage,
    DocumentView,
    PassageModify,
    PassageView,
)
from contracts.lists import Deleted, Page
from gateway.caller import Caller
from gateway.knowledge.routes.asking import Keeper, OfStatus, Reader
from gateway.knowledge.service.documents import DocumentService
from gateway.paging import Paging
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["vector stores"])
Documents = Annotated[DocumentService, provided(DocumentService)]

_FILES = "/vector_stores/{collection_id}/files"
_FILE = _FILES + "/{file_id}"


@router.post(_FILES)
async def add(
    collection_id: str, wanted: DocumentCreate, caller: Keeper, documents: Documents
) -> DocumentView:
    """Put an uploaded file into a collection and begin to read it."""
    return await documents.add(caller, collection_id, wanted)


@router.get(_FILES)
async def list_documents(
    collection_id: str,
    caller: Reader,
    page: Paging,
    documents: Documents,
    only: OfStatus = None,
) -> Page[DocumentView]:
    """The files of a collection, or those of one status."""
    return await documents.list(caller, collection_id, page, only)


@router.get(_FILE)
async def get(
    collection_id: str, file_id: str, caller: Reader, documents: Documents
) -> DocumentView:
    """One file of a collection, and how far its reading is."""
    return await documents.get(caller, collection_id, file_id)


@router.post(_FILE)
async def modify(
    collection_id: str,
    file_id: str,
    changes: DocumentModify,
    caller: Keeper,
    documents: Documents,
) -> DocumentView:
    """Give a file of a collection other attributes."""
    return await documents.modify(caller, collection_id, file_id, changes)


@router.get(_FILE + "/content")
async def text(
    collection_id: str, file_id: str, caller: Reader, documents: Documents
) -> DocumentTextPage:
    """What was read of a file, as text."""
    return await documents.text(caller, collection_id, file_id)


@router.delete(_FILE)
async def remove(collection_id: str, file_id: str, caller: Keeper, documents: Documents) -> Deleted:
    """Take a file out of a collection; the file itself stays."""
    return await documents.remove(caller, collection_id, file_id)


@router.post(_FILE + "/retry")
async def retry(
    collection_id: str, file_id: str, caller: Keeper, documents: Documents
) -> DocumentView:
    """Read a failed file once more."""
    return await documents.retry(caller, collection_id, file_id)


@router.post(_FILE + "/replace")
async def replace(
    collection_id: str,
    file_id: str,
    wanted: DocumentReplace,
    caller: Keeper,
    documents: Documents,
) -> DocumentView:
    """Read another uploaded file as this one's next version."""
    return await documents.replace(caller, collection_id, file_id, wanted)


async def _visible(
    collection_id: str, file_id: str, caller: Reader, documents: Documents
) -> Caller:
    await documents.get(caller, collection_id, file_id)
    return caller


@router.get(_FILE + "/events", response_class=EventSourceResponse)
async def events(
    collection_id: str,
    file_id: str,
    caller: Annotated[Caller, Depends(_visible)],
    documents: Documents,
) -> AsyncIterator[ServerSentEvent]:
    """Tell each change as `progress`, and the last one as `done`."""
    async with aclosing(documents.watch(caller, collection_id, file_id)) as views:
        async for view in views:
            is_last = view.status != "in_progress"
            yield ServerSentEvent(event="done" if is_last else "progress", data=view)


@router.get(_FILE + "/passages")
async def passages(
    collection_id: str,
    file_id: str,
    caller: Reader,
    page: Paging,
    documents: Documents,
    flagged: bool = False,
) -> Page[PassageView]:
    """The passages of the version that counts now; `flagged=true`: those with `flags` alone."""
    return await documents.passages(caller, collection_id, file_id, page, only_flagged=flagged)


@router.post(_FILE + "/passages/{passage_id}")
async def switch_passage(
    collection_id: str,
    file_id: str,
    passage_id: str,
    changes: PassageModify,
    caller: Keeper,
    documents: Documents,
) -> PassageView:
    """Switch a passage off, so that nothing finds it any more, or on again."""
    return await documents.switch(caller, (collection_id, file_id), passage_id, changes)
