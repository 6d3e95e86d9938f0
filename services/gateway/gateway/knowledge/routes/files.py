"""Files on the public API."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from contracts.files import FileView
from contracts.lists import Deleted, Page
from gateway.knowledge.errors import ExpiryNotSupported, FileTooLarge
from gateway.knowledge.routes.asking import Keeper, Reader
from gateway.knowledge.service.files import Download, FileService, Upload
from gateway.multipart import MalformedForm, PartBegins, read_form
from gateway.paging import LongPaging
from runtime.provide import provided

router = APIRouter(prefix="/v1/files", tags=["files"])
Files = Annotated[FileService, provided(FileService)]

FORM_BYTES = 64 << 10
"""What a form may weigh beside its file."""

BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    }
}

UPLOAD_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "purpose"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "purpose": {"type": "string", "enum": ["assistants", "user_data"]},
                    },
                }
            }
        },
    }
}


@router.post("", openapi_extra=UPLOAD_FORM)
async def upload(request: Request, caller: Keeper, files: Files) -> FileView:
    """Upload a file; its bytes go to the store while they arrive."""
    upload, purpose = await received_upload(request, files)
    return await files.keep(caller, upload, purpose)


@router.get("")
async def list_files(
    caller: Reader,
    page: LongPaging,
    files: Files,
    purpose: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[FileView]:
    """The files of the workspace, or those of one purpose."""
    return await files.list(caller, page, purpose)


@router.get("/{file_id}")
async def get(file_id: str, caller: Reader, files: Files) -> FileView:
    """One file."""
    return await files.get(caller, file_id)


@router.get("/{file_id}/content", response_class=StreamingResponse, responses=BYTES)
async def content(file_id: str, caller: Reader, files: Files) -> StreamingResponse:
    """The file's bytes, always as a download: nothing uploaded is ever shown by a browser."""
    return as_download(await files.content(caller, file_id))


def as_download(download: Download) -> StreamingResponse:
    """A file's bytes for a browser that must not show them."""
    return StreamingResponse(
        download.content,
        media_type="application/octet-stream",
        headers={
            "content-disposition": attachment_of(download.filename),
            "content-length": str(download.size_bytes),
            "cache-control": "private, no-store",
        },
    )


def attachment_of(filename: str) -> str:
    """RFC 6266: a plain name for old clients, the real one in RFC 8187's letters."""
    plain = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in " ._-") else "_"
        for letter in filename
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


@router.delete("/{file_id}")
async def delete(file_id: str, caller: Keeper, files: Files) -> Deleted:
    """Delete a file and every document made of it."""
    return await files.delete(caller, file_id)


async def received_upload(request: Request, files: FileService) -> tuple[Upload, str]:
    """The file of an upload form, stored and not yet anybody's, and its purpose."""
    body = request.stream()
    try:
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > files.file_bytes + FORM_BYTES:
            raise files.too_large()
        return await _received(request, body, files)
    except FileTooLarge:
        await _hear_out(body, files.file_bytes)
        raise


async def _received(
    request: Request, body: AsyncIterator[bytes], files: FileService
) -> tuple[Upload, str]:
    received: list[Upload] = []

    async def store(part: PartBegins, data: AsyncIterator[bytes]) -> Upload:
        if received:
            raise MalformedForm("Send one file at a time.", param="file")
        received.append(await files.receive(part.filename or "", part.media_type, data))
        return received[0]

    try:
        form = await read_form(request.headers.get("content-type", ""), body, store)
        if "file" not in form.files:
            raise MalformedForm("The form has no file.", param="file")
        if any(name.startswith("expires_after") for name in form.fields):
            raise ExpiryNotSupported("Files do not expire by themselves.", param="expires_after")
    except BaseException:  # the reader may have left: what arrived is nobody's
        for upload in received:
            await files.discard(upload)
        raise
    return form.files["file"], form.fields.get("purpose", "assistants")


async def _hear_out(body: AsyncIterator[bytes], file_bytes: int) -> None:
    """Read on, up to the limit once more: who is still sending would see a reset, no answer."""
    heard = 0
    async for block in body:
        heard += len(block)
        if heard > file_bytes:
            return
