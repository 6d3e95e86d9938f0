"""Reports, their judgement, take-downs and the first shelf of the stand-in gateway."""

from typing import Any

from fastapi import APIRouter, Request

from contracts.accounts import MemberView
from contracts.assistants import AssistantView
from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.lists import Page
from contracts.moderation import (
    CaseClose,
    CaseOutcome,
    CaseReading,
    CaseReport,
    CaseState,
    Featured,
    FeaturedWrite,
    JudgedListing,
    LetBack,
    OwnReport,
    OwnReports,
    ReasonCount,
    ReportCase,
    ReportWithdrawn,
    ReportWrite,
    StoreState,
    TakedownAnswer,
    Takedowns,
    TakedownView,
    TakedownWrite,
)
from tests.support.gateway_standin import Refused, Standin, not_found, now
from tests.support.gateway_standin_store import BUILDER, card_of, public_one, signed_in


def moderation_app() -> APIRouter:
    router = APIRouter(prefix="/v1")
    reports = "/catalog/listings/{slug}/reports"
    router.add_api_route(reports, own_reports)
    router.add_api_route(reports, report, methods=["POST"])
    router.add_api_route(reports, withdraw, methods=["DELETE"])
    router.add_api_route("/catalog/featured", featured)
    router.add_api_route("/admin/catalog/featured", feature, methods=["PUT"])
    router.add_api_route("/admin/store", state_of_store)
    router.add_api_route("/admin/reports", cases)
    router.add_api_route("/admin/reports/{case_id}", case)
    router.add_api_route("/admin/reports/{case_id}/reading", read, methods=["POST"])
    router.add_api_route("/admin/reports/{case_id}/close", close, methods=["POST"])
    takedown = "/admin/listings/{assistant_id}/takedown"
    router.add_api_route(takedown, take_down, methods=["PUT"])
    router.add_api_route(takedown, let_back, methods=["DELETE"])
    router.add_api_route("/assistants/{assistant_id}/takedown", takedowns)
    router.add_api_route("/assistants/{assistant_id}/takedown/answer", answer, methods=["PUT"])
    return router


async def own_reports(request: Request, slug: str) -> OwnReports:
    state, member = signed_in(request)
    found = state.reports.get((public_one(state, slug).id, member.id))
    return OwnReports(data=[] if found is None else [found])


async def report(request: Request, slug: str, body: ReportWrite) -> OwnReport:
    state, member = signed_in(request)
    found = public_one(state, slug)
    said = OwnReport(**body.model_dump(), created_at=now(), changed_at=now())
    state.reports[found.id, member.id] = said
    one = case_about(state, found)
    one.reports = [each for each in one.reports if each.name != member.name]
    one.reports.append(
        CaseReport(
            **said.model_dump(exclude={"object"}),
            id=new_id("rpt_"),
            version=found.published_version or 1,
            name=member.name,
        )
    )
    _counted(one)
    return said


async def withdraw(request: Request, slug: str) -> ReportWithdrawn:
    state, member = signed_in(request)
    found = public_one(state, slug)
    state.reports.pop((found.id, member.id), None)
    one = case_about(state, found)
    one.reports = [each for each in one.reports if each.name != member.name]
    _counted(one)
    return ReportWithdrawn(slug=slug)


async def featured(request: Request) -> Featured:
    state, _ = signed_in(request)
    return Featured(data=[card_of(state, slug) for slug in state.featured])


async def feature(request: Request, body: FeaturedWrite) -> Featured:
    state, _ = _operator(request)
    for slug in body.slugs:
        public_one(state, slug)
    state.featured = body.slugs
    return await featured(request)


async def state_of_store(request: Request) -> StoreState:
    state, _ = _operator(request)
    waiting = [each for each in state.cases.values() if _waits(each)]
    return StoreState(open_cases=len(waiting), appeals=sum(each.is_appeal for each in waiting))


async def cases(
    request: Request, state: CaseState = CaseState.OPEN, after: str = "", limit: int = 20
) -> Page[ReportCase]:
    memory, _ = _operator(request)
    wanted = [
        each
        for each in reversed(memory.cases.values())
        if (_waits(each) if state is CaseState.OPEN else each.outcome is not None)
    ]
    ids = [each.id for each in wanted]
    rest = wanted[ids.index(after) + 1 :] if after in ids else wanted
    shown = [_now(memory, each) for each in rest[:limit]]
    return Page(
        data=shown, last_id=shown[-1].id if shown else None, has_more=len(rest) > len(shown)
    )


async def case(request: Request, case_id: str) -> ReportCase:
    state, _ = _operator(request)
    return _now(state, _found(state, case_id))


async def read(request: Request, case_id: str) -> CaseReading:
    state, _ = _operator(request)
    about = state.assistants[_found(state, case_id).listing.assistant_id]
    return CaseReading(
        version=about.published_version or 1,
        instructions=about.instructions,
        starters=about.starters,
    )


async def close(request: Request, case_id: str, body: CaseClose) -> ReportCase:
    state, member = _operator(request)
    one = _found(state, case_id)
    if one.outcome is not None:
        raise Refused(ErrorKind.CONFLICT, "case_closed", "Somebody has judged this case already.")
    if body.outcome == "taken_down":
        _take_down(state, one.listing.assistant_id, body.words)
    _judge(state, one, member, CaseOutcome(body.outcome), body.words)
    return _now(state, one)


async def take_down(request: Request, assistant_id: str, body: TakedownWrite) -> ReportCase:
    state, member = _operator(request)
    about = state.assistants.get(assistant_id)
    if about is None:
        raise not_found("listing")
    one = case_about(state, about)
    _take_down(state, assistant_id, body.words)
    _judge(state, one, member, CaseOutcome.TAKEN_DOWN, body.words)
    return _now(state, one)


async def let_back(request: Request, assistant_id: str) -> LetBack:
    state, member = _operator(request)
    if state.takedowns.pop(assistant_id, None) is None:
        raise not_found("listing")
    state.assistants[assistant_id].taken_down_at = None
    for one in state.cases.values():
        if one.listing.assistant_id == assistant_id and one.outcome is None:
            _judge(state, one, member, CaseOutcome.LET_BACK, "")
    return LetBack(assistant_id=assistant_id)


async def takedowns(request: Request, assistant_id: str) -> Takedowns:
    state, _ = signed_in(request)
    found = state.takedowns.get(assistant_id)
    return Takedowns(data=[] if found is None else [found])


async def answer(request: Request, assistant_id: str, body: TakedownAnswer) -> TakedownView:
    state, _ = signed_in(request)
    found = state.takedowns.get(assistant_id)
    if found is None:
        raise Refused(ErrorKind.CONFLICT, "not_taken_down", "It is not out of the store.")
    found.answer, found.answered_at = body.words, now()
    case_about(state, state.assistants[assistant_id]).is_appeal = True
    return found


def case_about(state: Standin, about: AssistantView) -> ReportCase:
    """The open case of an assistant, made if there is none."""
    for one in state.cases.values():
        if one.listing.assistant_id == about.id and one.outcome is None:
            return one
    listing = JudgedListing(
        assistant_id=about.id,
        slug=about.slug,
        name=about.name,
        description=about.description,
        builder=BUILDER,
        version=about.published_version,
        is_listed=True,
    )
    one = ReportCase(
        id=new_id("case_"),
        created_at=now(),
        listing=listing,
        people=0,
        reasons=[],
        reports=[],
        is_appeal=False,
        takedown=None,
        outcome=None,
        words="",
        closed_at=None,
        closed_by=None,
    )
    state.cases[one.id] = one
    return one


def _counted(one: ReportCase) -> None:
    counts = {each.reason: 0 for each in one.reports}
    for each in one.reports:
        counts[each.reason] += 1
    one.reasons = [ReasonCount(reason=reason, count=count) for reason, count in counts.items()]
    one.people = len(one.reports)


def _take_down(state: Standin, assistant_id: str, words: str) -> None:
    standing = state.takedowns.get(assistant_id)
    is_judged = standing is not None and standing.answered_at is not None
    state.takedowns[assistant_id] = TakedownView(
        words=words,
        created_at=now() if standing is None else standing.created_at,
        answer="" if standing is None else standing.answer,
        answered_at=None if standing is None else standing.answered_at,
        may_answer=not is_judged,
    )
    state.assistants[assistant_id].taken_down_at = now()


def _judge(
    state: Standin, one: ReportCase, member: MemberView, outcome: CaseOutcome, words: str
) -> None:
    one.outcome, one.words = outcome, words
    one.closed_at, one.closed_by = now(), member.name
    assistant_id = one.listing.assistant_id
    state.reports = {key: each for key, each in state.reports.items() if key[0] != assistant_id}


def _now(state: Standin, one: ReportCase) -> ReportCase:
    standing = state.takedowns.get(one.listing.assistant_id)
    listing = one.listing.model_copy(update={"is_listed": standing is None})
    return one.model_copy(update={"takedown": standing, "listing": listing})


def _waits(one: ReportCase) -> bool:
    return one.outcome is None and (one.is_appeal or bool(one.reports))


def _found(state: Standin, case_id: str) -> ReportCase:
    if case_id not in state.cases:
        raise not_found("case")
    return state.cases[case_id]


def _operator(request: Request) -> tuple[Any, MemberView]:
    state, member = signed_in(request)
    if not member.is_operator:
        raise Refused(ErrorKind.FORBIDDEN, "store_not_yours", "Only operators do this.")
    return state, member
