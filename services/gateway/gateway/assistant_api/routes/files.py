"""The files of one assistant at its own address."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from contracts.files import AssistantFileView
from contracts.lists import Deleted, Page
from gateway.assistant_api.routes.asking import BASE, TAG, AssistantRef, Keeper, Reader
from gateway.assistant_api.service.files import AssistantFileService
from gateway.knowledge.routes.files import BYTES, UPLOAD_FORM, Files, as_download, received_upload
from gateway.paging import Paging
from runtime.provide import provided

router = APIRouter(prefix=f"{BASE}/files", tags=[TAG])
OwnFiles = Annotated[AssistantFileService, provided(AssistantFileService)]


@router.post("", openapi_extra=UPLOAD_FORM, operation_id="upload_file")
async def upload(
    request: Request, assistant: AssistantRef, caller: Keeper, files: Files, own: OwnFiles
) -> AssistantFileView:
    """Send a file into the assistant's knowledge. Its builders publish it with the next version."""
    access = await own.changeable(caller, assistant)  # asked before a large body is taken
    received, purpose = await received_upload(request, files)
    return await own.keep(caller, access, received, purpose)


@router.get("", operation_id="list_files")
async def list_files(
    assistant: AssistantRef, caller: Reader, page: Paging, own: OwnFiles
) -> Page[AssistantFileView]:
    """The files of the assistant."""
    return await own.list(caller, assistant, page)


@router.get("/{file_id}", operation_id="get_file")
async def get(
    assistant: AssistantRef, file_id: str, caller: Reader, own: OwnFiles
) -> AssistantFileView:
    """One of them, how far its reading is, and whether it is published."""
    return await own.get(caller, assistant, file_id)


@router.get(
    "/{file_id}/content",
    response_class=StreamingResponse,
    responses=BYTES,
    operation_id="get_file_content",
)
async def content(
    assistant: AssistantRef, file_id: str, caller: Reader, own: OwnFiles
) -> StreamingResponse:
    """The file's bytes, always as a download."""
    return as_download(await own.content(caller, assistant, file_id))


@router.delete("/{file_id}", operation_id="delete_file")
async def delete(assistant: AssistantRef, file_id: str, caller: Keeper, own: OwnFiles) -> Deleted:
    """Take a file from the assistant at once, also from what is published."""
    return await own.delete(caller, assistant, file_id)
