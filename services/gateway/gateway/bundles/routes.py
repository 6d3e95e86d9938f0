"""Bundles of assistants on the public API."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from contracts.accounts import Scope
from contracts.gpts import GptConfiguration
from contracts.versions import AssistantOutcome
from gateway.bundles.service.exporting import ExportService
from gateway.bundles.service.gpts import GptService
from gateway.bundles.service.importing import Arrived, ImportService
from gateway.caller import Caller
from gateway.knowledge.routes.files import attachment_of
from gateway.knowledge.rules import label_of
from gateway.multipart import MalformedForm, PartBegins, read_form
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/assistants", tags=["assistants"])
Exports = Annotated[ExportService, provided(ExportService)]
Imports = Annotated[ImportService, provided(ImportService)]
Gpts = Annotated[GptService, provided(GptService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]

IMPORT_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/{assistant_id}/bundle", response_class=StreamingResponse, responses=_ARCHIVE)
async def bundle(
    assistant_id: str,
    caller: Reader,
    exports: Exports,
    version: Annotated[str | None, Query(max_length=20)] = None,
) -> StreamingResponse:
    """The draft, or a version, with its history and the files that the caller may download."""
    made = await exports.begin(caller, assistant_id, version)
    return StreamingResponse(
        made.content,
        media_type="application/zip",
        headers={
            "content-disposition": attachment_of(label_of(f"{made.name}-{made.source}.stoa.zip")),
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        },
    )


@router.post("/import", openapi_extra=IMPORT_FORM)
async def bring_in(request: Request, caller: Manager, imports: Imports) -> AssistantOutcome:
    """Make a private assistant of the caller's own of a bundle; its files are read afterwards."""
    received: list[Arrived] = []

    async def store(part: PartBegins, data: AsyncIterator[bytes]) -> Arrived:
        if received or part.name != "file":
            raise MalformedForm("Send one bundle, as `file`.", param="file")
        received.append(await imports.receive(caller, data))
        return received[0]

    try:
        await read_form(request.headers.get("content-type", ""), request.stream(), store)
        if not received:
            raise MalformedForm("The form has no file.", param="file")
    except BaseException:  # the reader may have left: what arrived is nobody's
        for arrived in received:
            await imports.discard(arrived)
        raise
    return await imports.finish(caller, received[0])


@router.post("/import/gpt")
async def bring_in_gpt(
    configuration: GptConfiguration, caller: Manager, gpts: Gpts
) -> AssistantOutcome:
    """Make a private assistant of what a ChatGPT GPT consists of. Actions are kept, not run."""
    return await gpts.bring_in(caller, configuration)
