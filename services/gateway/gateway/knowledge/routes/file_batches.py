"""Batches of vector store files on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.file_batches import FileBatchCreate, FileBatchView
from contracts.files import DocumentView
from contracts.lists import Page
from gateway.knowledge.routes.asking import Keeper, OfStatus, Reader
from gateway.knowledge.service.file_batches import FileBatchService
from gateway.paging import Paging
from runtime.provide import provided

router = APIRouter(prefix="/v1/vector_stores/{collection_id}/file_batches", tags=["vector stores"])
Batches = Annotated[FileBatchService, provided(FileBatchService)]


@router.post("")
async def create(
    collection_id: str, wanted: FileBatchCreate, caller: Keeper, batches: Batches
) -> FileBatchView:
    """Put many uploaded files into a collection and begin to read them."""
    return await batches.create(caller, collection_id, wanted)


@router.get("/{batch_id}")
async def get(collection_id: str, batch_id: str, caller: Reader, batches: Batches) -> FileBatchView:
    """How the files of a batch fare."""
    return await batches.get(caller, collection_id, batch_id)


@router.post("/{batch_id}/cancel")
async def cancel(
    collection_id: str, batch_id: str, caller: Keeper, batches: Batches
) -> FileBatchView:
    """Take out of the collection what is not read yet."""
    return await batches.cancel(caller, collection_id, batch_id)


@router.get("/{batch_id}/files")
async def list_files(
    collection_id: str,
    batch_id: str,
    caller: Reader,
    page: Paging,
    batches: Batches,
    only: OfStatus = None,
) -> Page[DocumentView]:
    """The files of a batch, or those of one status."""
    return await batches.files(caller, collection_id, batch_id, page, only)
