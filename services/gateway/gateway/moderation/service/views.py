"""Cases and take-downs as the API shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.catalog import Builder
from contracts.moderation import (
    CaseOutcome,
    CaseReport,
    JudgedListing,
    OwnReport,
    ReasonCount,
    ReportCase,
    ReportReason,
    TakedownView,
)
from gateway.catalog.rules.listed import handle_of
from gateway.clock import unix_seconds
from gateway.db import Transaction
from gateway.moderation.repository import CaseRepository, Shown, TakedownRepository
from gateway.moderation.tables import Case, Report, Takedown


@dataclass(frozen=True)
class Gathered:
    """What the views of some cases are made of, by case id or assistant id."""

    listings: Mapping[str, Shown]
    reports: Mapping[str, Sequence[Report]]
    reasons: Mapping[str, Mapping[str, int]]
    takedowns: Mapping[str, Takedown]
    names: Mapping[str, str]


async def case_views(tx: Transaction, cases: Sequence[Case], most_reports: int) -> list[ReportCase]:
    """Cases with what was said, at most so many reports of each."""
    repository, ids = CaseRepository(tx), [case.id for case in cases]
    assistants = {case.assistant_id for case in cases}
    reports = await repository.reports(ids, most_reports)
    people = {case.closed_by for case in cases if case.closed_by is not None}
    people |= {report.member_id for each in reports.values() for report in each}
    gathered = Gathered(
        listings=await repository.shown(assistants),
        reports=reports,
        reasons=await repository.reasons(ids),
        takedowns=await TakedownRepository(tx).standing(assistants),
        names=await repository.names(people),
    )
    return [_case_view(case, gathered) for case in cases]


def _case_view(case: Case, gathered: Gathered) -> ReportCase:
    reasons = gathered.reasons.get(case.id, {})
    takedown = gathered.takedowns.get(case.assistant_id)
    return ReportCase(
        id=case.id,
        created_at=unix_seconds(case.created_at),
        listing=_listing_view(gathered.listings[case.assistant_id]),
        # One report a member and case.
        people=sum(reasons.values()),
        reasons=[
            ReasonCount(reason=ReportReason(reason), count=count)
            for reason, count in reasons.items()
        ],
        reports=[_report_view(each, gathered.names) for each in gathered.reports.get(case.id, ())],
        is_appeal=case.is_appeal,
        takedown=None if takedown is None else takedown_view(takedown),
        outcome=None if case.outcome is None else CaseOutcome(case.outcome),
        words=case.words,
        closed_at=None if case.closed_at is None else unix_seconds(case.closed_at),
        closed_by=gathered.names.get(case.closed_by or ""),
    )


def _listing_view(shown: Shown) -> JudgedListing:
    return JudgedListing(
        assistant_id=shown.assistant_id,
        slug=shown.slug,
        name=shown.name,
        description=shown.description,
        builder=Builder(handle=handle_of(shown.owner_id), name=shown.builder),
        version=shown.version,
        is_listed=shown.is_listed,
    )


def _report_view(report: Report, names: Mapping[str, str]) -> CaseReport:
    return CaseReport(
        id=report.id,
        reason=ReportReason(report.reason),
        words=report.words,
        version=report.version,
        name=names.get(report.member_id, ""),
        created_at=unix_seconds(report.created_at),
        changed_at=unix_seconds(report.changed_at),
    )


def own_report_view(report: Report) -> OwnReport:
    """To whoever made it."""
    return OwnReport(
        reason=ReportReason(report.reason),
        words=report.words,
        created_at=unix_seconds(report.created_at),
        changed_at=unix_seconds(report.changed_at),
    )


def takedown_view(takedown: Takedown) -> TakedownView:
    """To the builders, and to moderators."""
    return TakedownView(
        words=takedown.words,
        created_at=unix_seconds(takedown.created_at),
        answer=takedown.answer,
        answered_at=None if takedown.answered_at is None else unix_seconds(takedown.answered_at),
        may_answer=may_answer(takedown),
    )


def may_answer(takedown: Takedown) -> bool:
    """One answer, which may be put otherwise until it was judged."""
    return takedown.judged_at is None
