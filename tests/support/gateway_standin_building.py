"""What the stand-in gateway tells builders: sizes, found passages, statistics."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request

from contracts.building import (
    AssistantStatistics,
    DayOfUse,
    DraftedAssistant,
    DraftRequest,
    Measure,
    MeasuredModel,
    RankedPassage,
    RankedPassages,
    TestSearch,
    UnansweredQuestion,
)
from contracts.errors import ErrorKind
from contracts.files import PassageModify, PassageView
from contracts.generation import ModelPrice
from contracts.lists import Page
from contracts.passages import PassageFlag
from tests.support.gateway_standin import PASSAGE, Refused, Standin, not_found

PRICE = ModelPrice(
    currency="USD",
    input_per_million="0.05",
    cached_input_per_million="0.01",
    output_per_million="0.1",
    as_of="2026-11-22",
)
MODELS = ("qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct")
WINDOW = 4_096
DAYS = 30
WALK = "psg_walk"


def building_app() -> APIRouter:
    router = APIRouter(prefix="/v1/assistants/{assistant_id}")
    router.add_api_route("/measure", measure)
    router.add_api_route("/search", search, methods=["POST"])
    router.add_api_route("/statistics", statistics)
    router.add_api_route("/unanswered", unanswered)
    return router


def drafts_app() -> APIRouter:
    router = APIRouter(prefix="/v1/assistant_drafts")
    router.add_api_route("", draft, methods=["POST"])
    return router


async def draft(request: Request, body: DraftRequest) -> DraftedAssistant:
    if _signed_in(request).is_engine_failing:
        raise Refused(ErrorKind.UNAVAILABLE, "model_not_served", "The model does not answer.")
    return DraftedAssistant(
        name="Harbour guide",
        description=body.description[:100],
        instructions="Be brief.",
        starters=["When does it open?"],
    )


def file_passages_app() -> APIRouter:
    router = APIRouter(prefix="/v1/vector_stores/{collection_id}/files/{file_id}/passages")
    router.add_api_route("", file_passages)
    router.add_api_route("/{passage_id}", switch_passage, methods=["POST"])
    return router


async def file_passages(request: Request, file_id: str) -> Page[PassageView]:
    """One passage of every file."""
    return Page(data=[_passage(_signed_in(request), file_id)], first_id=WALK, last_id=WALK)


async def switch_passage(
    request: Request, file_id: str, passage_id: str, body: PassageModify
) -> PassageView:
    state = _signed_in(request)
    if passage_id != WALK:
        raise not_found("passage")
    (state.switched_off.add if body.is_off else state.switched_off.discard)(file_id)
    return _passage(state, file_id)


def _passage(state: Standin, file_id: str) -> PassageView:
    return PassageView(
        id=WALK,
        file_id=file_id,
        filename="the-covered-walk.pdf",
        document_version=1,
        page=12,
        header="The covered walk",
        start=0,
        end=len(PASSAGE),
        text=PASSAGE,
        flags=[PassageFlag.OVERRIDE],
        is_off=file_id in state.switched_off,
    )


async def measure(request: Request, assistant_id: str) -> Measure:
    state, found = _found(request, assistant_id)
    if not state.are_models_listed:
        return Measure(model=found.model or MODELS[0])
    known = {variable.name for variable in found.variables}
    return Measure(
        model=found.model or MODELS[0],
        instructions_tokens=len(found.instructions.split()),
        window_tokens=WINDOW,
        unknown_variables=["wine"] if "{{wine}}" in found.instructions and not known else [],
        models=[MeasuredModel(id=name, window_tokens=WINDOW, price=PRICE) for name in MODELS],
    )


async def search(request: Request, assistant_id: str, body: TestSearch) -> RankedPassages:
    _, found = _found(request, assistant_id)
    if not found.tool_resources.file_search.vector_store_ids:
        return RankedPassages(query=body.query, data=[])
    best, other = (
        RankedPassage(
            passage_id="psg_walk",
            file_id="file-walk",
            filename="the-covered-walk.pdf",
            document_version=1,
            page=page,
            header="",
            text=PASSAGE,
            score=score,
            similarity=score - 0.1,
            words=7.25,
            is_read=page is not None,
        )
        for page, score in ((12, 0.912), (None, 0.4))
    )
    return RankedPassages(query=body.query, data=[best, other], withheld_collections=1)


async def statistics(request: Request, assistant_id: str) -> AssistantStatistics:
    state, found = _found(request, assistant_id)
    about = [one for one in state.conversations.values() if one.assistant_id == found.id]
    today = datetime.now(UTC).date()
    days = [DayOfUse(day=str(today - timedelta(days=back))) for back in reversed(range(DAYS))]
    days[-1] = DayOfUse(day=str(today), conversations=len(about), answers=7, cost="0.25")
    return AssistantStatistics(
        conversations=len(about),
        people=1,
        answers=7,
        not_found=2,
        shows_unanswered=state.shows_unanswered,
        costs={"USD": "0.25"} if about else {},
        currency="USD" if about else None,
        days=days,
    )


async def unanswered(
    request: Request, assistant_id: str, after: str = "", limit: int = 20
) -> Page[UnansweredQuestion]:
    state, _ = _found(request, assistant_id)
    start = [each.id for each in state.unanswered].index(after) + 1 if after else 0
    shown = state.unanswered[start : start + limit]
    ends = (shown[0].id, shown[-1].id) if shown else (None, None)
    has_more = len(state.unanswered) > start + limit
    return Page(data=shown, first_id=ends[0], last_id=ends[1], has_more=has_more)


def _signed_in(request: Request) -> Standin:
    state: Standin = request.app.state.standin
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    return state


def _found(request: Request, assistant_id: str) -> tuple[Standin, Any]:
    state = _signed_in(request)
    if assistant_id not in state.assistants:
        raise not_found("assistant")
    return state, state.assistants[assistant_id]
