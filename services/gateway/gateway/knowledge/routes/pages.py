"""Web pages on the public API, and what a worker fetched of them on the internal one."""

from typing import Annotated

from fastapi import APIRouter, Depends

from contracts.files import DocumentView, WebPageCreate
from contracts.jobs import PageUpload, ProgressReport, Stage
from gateway.knowledge.routes.asking import Keeper, only_workers
from gateway.knowledge.service.pages import PageService
from runtime.provide import provided

router = APIRouter(tags=["vector stores"])
Pages = Annotated[PageService, provided(PageService)]


@router.post("/v1/vector_stores/{collection_id}/urls", status_code=202)
async def add(
    collection_id: str, wanted: WebPageCreate, caller: Keeper, pages: Pages
) -> DocumentView:
    """Read a web page into a collection; one already there is read again."""
    return await pages.add(caller, collection_id, wanted)


@router.put(
    "/internal/jobs/{version_id}/page",
    include_in_schema=False,
    dependencies=[Depends(only_workers)],
)
async def put_page(version_id: str, upload: PageUpload, pages: Pages) -> ProgressReport:
    """Store what a page held."""
    await pages.store(version_id, upload)
    return ProgressReport(fence=upload.fence, stage=Stage.PARSING, done=0, total=1)
