"""What builders look at, on the public API."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.accounts import Scope
from contracts.building import (
    AssistantStatistics,
    DraftedAssistant,
    DraftRequest,
    FeedbackNote,
    Measure,
    RankedPassages,
    TestSearch,
    UnansweredQuestion,
)
from contracts.lists import Page
from gateway.building.service.drafting import DraftingService
from gateway.building.service.measuring import MeasuringService
from gateway.building.service.searching import TestSearchService
from gateway.building.service.statistics import StatisticsService
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/assistants/{assistant_id}", tags=["assistants"])
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]
Searching = Annotated[TestSearchService, provided(TestSearchService)]
Measuring = Annotated[MeasuringService, provided(MeasuringService)]
Drafting = Annotated[DraftingService, provided(DraftingService)]
Statistics = Annotated[StatisticsService, provided(StatisticsService)]


drafts = APIRouter(prefix="/v1/assistant_drafts", tags=["assistants"])


@drafts.post("")
async def draft(wanted: DraftRequest, caller: Manager, drafting: Drafting) -> DraftedAssistant:
    """Name, description, instructions and starters out of a few sentences; nothing is made."""
    return await drafting.draft(caller, wanted)


@router.post("/search")
async def search(
    assistant_id: str, wanted: TestSearch, caller: Manager, searching: Searching
) -> RankedPassages:
    """Search the draft's knowledge, and tell why each passage is where it is."""
    return await searching.search(caller, assistant_id, wanted)


@router.get("/measure")
async def measure(assistant_id: str, caller: Reader, measuring: Measuring) -> Measure:
    """How many tokens the draft's instructions have, and what models there are for it."""
    return await measuring.measure(caller, assistant_id)


@router.get("/statistics")
async def statistics(
    assistant_id: str,
    caller: Manager,
    service: Statistics,
    days: Annotated[int, Query(ge=1, le=90)] = 30,
) -> AssistantStatistics:
    """How the assistant was used over the last days, for its builders."""
    return await service.over(caller, assistant_id, days)


@router.get("/unanswered")
async def unanswered(
    assistant_id: str,
    caller: Manager,
    page: Paging,
    service: Statistics,
    days: Annotated[int, Query(ge=1, le=90)] = 30,
) -> Page[UnansweredQuestion]:
    """What people asked and its files did not answer, for its builders, the newest first."""
    return await service.unanswered(caller, assistant_id, days, page)


@router.get("/feedback")
async def feedback(
    assistant_id: str, caller: Manager, page: Paging, service: Statistics
) -> Page[FeedbackNote]:
    """What readers of its answers wrote to its builders, the newest first."""
    return await service.notes(caller, assistant_id, page)
