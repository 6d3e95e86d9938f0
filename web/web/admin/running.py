"""Engines, settings, jobs and reconciliations, for those who run things."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from contracts.in_force import SettingView
from contracts.job_list import JobState
from runtime.provide import provided
from web.clients.running import Running
from web.forms import Form, Submitted
from web.pages import Pages, go
from web.paths import Id
from web.visitors import Administrator

router = APIRouter(prefix="/admin", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
RunningHere = Annotated[Running, provided(Running)]


@router.get("/engines")
async def engines(
    request: Request, visitor: Administrator, pages: PagesHere, running: RunningHere
) -> Response:
    """What is served, and how it fares now."""
    served = await running.engines(visitor.token)
    return pages.page(request, "pages/engines.html", engines=served)


@router.get("/settings")
async def settings(
    request: Request, visitor: Administrator, pages: PagesHere, running: RunningHere
) -> Response:
    """What the installation runs with."""
    groups: dict[str, list[SettingView]] = {}
    for setting in await running.settings(visitor.token):
        groups.setdefault(setting.group, []).append(setting)
    return pages.page(request, "pages/settings.html", groups=groups)


@router.get("/jobs")
async def jobs(
    request: Request,
    visitor: Administrator,
    pages: PagesHere,
    running: RunningHere,
    state: str = "",
    after: str = "",
) -> Response:
    """Documents that are being read, wait to be, or could not be."""
    wanted = _state(state)
    return pages.page(
        request,
        "pages/jobs.html",
        jobs=await running.jobs(visitor.token, wanted, after),
        state="" if wanted is None else wanted.value,
        is_first_page=not after,
    )


class Place:
    """The address of a document in its collection."""

    def __init__(self, collection_id: Id, file_id: Id) -> None:
        self.collection_id = collection_id
        self.file_id = file_id


@router.post("/jobs/{collection_id}/{file_id}/retry")
async def retry(
    request: Request,
    visitor: Administrator,
    form: Form,
    running: RunningHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """Read a document once more that failed."""
    await running.retry(visitor.token, place.collection_id, place.file_id)
    return _back(request, form)


@router.post("/jobs/{collection_id}/{file_id}/cancel")
async def cancel(
    request: Request,
    visitor: Administrator,
    form: Form,
    running: RunningHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """Take a document out that is being read, or could not be."""
    await running.cancel(visitor.token, place.collection_id, place.file_id)
    return _back(request, form)


@router.get("/reconciliations")
async def reconciliations(
    request: Request,
    visitor: Administrator,
    pages: PagesHere,
    running: RunningHere,
    after: str = "",
) -> Response:
    """Whether the ledger is what the engines have counted."""
    return pages.page(
        request,
        "pages/reconciliations.html",
        looks=await running.reconciliations(visitor.token, after),
        is_first_page=not after,
    )


@router.post("/reconciliations")
async def reconcile(
    request: Request, visitor: Administrator, form: Form, running: RunningHere
) -> Response:
    """Look now."""
    del form  # read for its token
    await running.reconcile(visitor.token)
    return go(request, "/admin/reconciliations")


@router.post("/reconciliations/{reconciliation_id}/findings/{number}/correct")
async def correct(
    request: Request,
    visitor: Administrator,
    form: Form,
    running: RunningHere,
    reconciliation_id: Id,
    number: int,
) -> Response:
    """Write the row that a finding lacks."""
    del form  # read for its token
    await running.correct(visitor.token, reconciliation_id, number)
    return go(request, "/admin/reconciliations")


def _back(request: Request, form: Submitted) -> Response:
    wanted = _state(form.text("state"))
    return go(request, "/admin/jobs" + (f"?state={wanted.value}" if wanted else ""))


def _state(wanted: str) -> JobState | None:
    return JobState(wanted) if wanted in set(JobState) else None
