"""Export and deletion of one's own account on the public API."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from contracts.credentials import PasswordShown
from contracts.lists import Deleted
from gateway.leaving.service.deleting import DeletionService
from gateway.leaving.service.exporting import ExportService
from gateway.signed_in import SignedInByPassword
from gateway.visit import Visiting
from runtime.provide import provided

router = APIRouter(prefix="/v1/me", tags=["accounts"])
Exports = Annotated[ExportService, provided(ExportService)]
Deletions = Annotated[DeletionService, provided(DeletionService)]

_HEADERS = {
    "content-disposition": 'attachment; filename="stoa-export.zip"',
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


@router.post("/export", response_class=StreamingResponse)
async def export(
    shown: PasswordShown, caller: SignedInByPassword, visit: Visiting, exports: Exports
) -> StreamingResponse:
    """Everything of one's own as a ZIP archive: account, assistants, conversations, files."""
    blocks = await exports.begin(caller, shown.password, visit)
    return StreamingResponse(blocks, media_type="application/zip", headers=_HEADERS)


@router.post("/delete")
async def delete(
    shown: PasswordShown, caller: SignedInByPassword, visit: Visiting, deletions: Deletions
) -> Deleted:
    """Delete one's own account for good. What others work with is handed over."""
    return await deletions.delete(caller, shown.password, visit)
