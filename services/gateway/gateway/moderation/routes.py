"""Keeping the store in order, on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.lists import Page
from contracts.moderation import (
    CaseClose,
    CaseReading,
    CaseState,
    Featured,
    FeaturedWrite,
    LetBack,
    OwnReport,
    OwnReports,
    ReportCase,
    ReportWithdrawn,
    ReportWrite,
    StoreState,
    TakedownAnswer,
    Takedowns,
    TakedownView,
    TakedownWrite,
)
from gateway.caller import Caller
from gateway.moderation.service.answering import TakedownService
from gateway.moderation.service.featuring import FeaturingService
from gateway.moderation.service.judging import JudgingService
from gateway.moderation.service.reporting import ReportService
from gateway.paging import Paging
from gateway.signed_in import SignedInByPassword, signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["moderation"])
Reports = Annotated[ReportService, provided(ReportService)]
Judging = Annotated[JudgingService, provided(JudgingService)]
Answering = Annotated[TakedownService, provided(TakedownService)]
Featuring = Annotated[FeaturingService, provided(FeaturingService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.post("/catalog/listings/{slug}/reports")
async def report(
    slug: str, said: ReportWrite, caller: SignedInByPassword, reports: Reports
) -> OwnReport:
    """Report a listing, in person; again replaces what was said."""
    return await reports.report(caller, slug, said)


@router.get("/catalog/listings/{slug}/reports")
async def own_report(slug: str, caller: SignedInByPassword, reports: Reports) -> OwnReports:
    """One's own report on a listing, while it waits to be judged."""
    return await reports.own(caller, slug)


@router.delete("/catalog/listings/{slug}/reports")
async def withdraw(slug: str, caller: SignedInByPassword, reports: Reports) -> ReportWithdrawn:
    """Take one's report back."""
    return await reports.withdraw(caller, slug)


@router.get("/catalog/featured")
async def featured(caller: Reader, featuring: Featuring) -> Featured:
    """The store's first shelf."""
    return await featuring.shelf(caller)


@router.put("/admin/catalog/featured")
async def feature(
    wanted: FeaturedWrite, caller: SignedInByPassword, featuring: Featuring
) -> Featured:
    """Choose the store's first shelf; for operators."""
    return await featuring.fill(caller, wanted)


@router.get("/admin/store")
async def state(caller: SignedInByPassword, judging: Judging) -> StoreState:
    """What waits for moderators; for operators."""
    return await judging.state(caller)


@router.get("/admin/reports")
async def cases(
    caller: SignedInByPassword,
    judging: Judging,
    page: Paging,
    state: CaseState = CaseState.OPEN,
) -> Page[ReportCase]:
    """What was reported, one case for each listing; for operators."""
    return await judging.page(caller, state, page)


@router.get("/admin/reports/{case_id}")
async def case(case_id: str, caller: SignedInByPassword, judging: Judging) -> ReportCase:
    """One case with its reports."""
    return await judging.get(caller, case_id)


@router.post("/admin/reports/{case_id}/reading")
async def read(case_id: str, caller: SignedInByPassword, judging: Judging) -> CaseReading:
    """The instructions of a reported assistant; each reading stands in the audit trail."""
    return await judging.read(caller, case_id)


@router.post("/admin/reports/{case_id}/close")
async def close(
    case_id: str, said: CaseClose, caller: SignedInByPassword, judging: Judging
) -> ReportCase:
    """Judge a case: nothing is done, or the listing leaves the store."""
    return await judging.close(caller, case_id, said)


@router.put("/admin/listings/{slug}/takedown")
async def take_down(
    slug: str, wanted: TakedownWrite, caller: SignedInByPassword, judging: Judging
) -> ReportCase:
    """Take an assistant (slug or id) out of the store, reported or not; for operators."""
    return await judging.take_down(caller, slug, wanted)


@router.delete("/admin/listings/{slug}/takedown")
async def let_back(slug: str, caller: SignedInByPassword, judging: Judging) -> LetBack:
    """Let it back into the store."""
    return await judging.let_back(caller, slug)


@router.get("/assistants/{assistant_id}/takedown")
async def takedown(assistant_id: str, caller: Reader, answering: Answering) -> Takedowns:
    """Why an assistant of one's workspace is out of the store, if it is."""
    return await answering.of(caller, assistant_id)


@router.put("/assistants/{assistant_id}/takedown/answer")
async def answer(
    assistant_id: str, said: TakedownAnswer, caller: SignedInByPassword, answering: Answering
) -> TakedownView:
    """Ask for another look, once: for the assistant's builders."""
    return await answering.answer(caller, assistant_id, said)
