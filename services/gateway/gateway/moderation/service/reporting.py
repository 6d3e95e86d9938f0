"""Reports: what readers have against a listing."""

from datetime import timedelta

from contracts.ids import new_id
from contracts.moderation import OwnReport, OwnReports, ReportWithdrawn, ReportWrite
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.catalog.errors import OwnListing
from gateway.catalog.repository.listings import LISTINGS
from gateway.catalog.service.rating import builds
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.moderation.errors import TooManyReports
from gateway.moderation.repository import CaseRepository
from gateway.moderation.service.views import own_report_view
from gateway.moderation.tables import Case, Report
from gateway.policy.loading import load
from gateway.policy.words import Action

MOST_IN_A_DAY = 20
_DAY = timedelta(days=1)


class ReportService:
    """What readers do. Nobody but moderators learns who reported what."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def report(self, caller: Caller, slug: str, said: ReportWrite) -> OwnReport:
        """Report a listing, or say it otherwise. Raises ListingNotFound, OwnListing,
        TooManyReports."""
        now = self._clock()
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, LISTINGS, slug)
            if await builds(tx, caller, assistant):
                raise OwnListing("Those who build an assistant do not report it.")
            repository = CaseRepository(tx)
            await repository.one_by_one(caller.member_id)
            await repository.one_by_one(assistant.id)
            report = await repository.report_of(assistant.id, caller.member_id)
            if report is None:
                await self._check_number(repository, caller)
                case = await open_case(tx, assistant.id, self._clock)
                report = Report(
                    id=new_id("rpt_"), case_id=case.id, member_id=caller.member_id, created_at=now
                )
                repository.add(report)
                # No workspace: whoever runs the builder's must not read there who reported.
                Acts(tx).record_member(Act.REPORT_MADE, caller.member_id, case.id, None)
            report.reason, report.words, report.changed_at = said.reason.value, said.words, now
            report.version = assistant.published_version or 0
            return own_report_view(report)

    async def own(self, caller: Caller, slug: str) -> OwnReports:
        """What the caller has against it, while it waits. Raises ListingNotFound."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, LISTINGS, slug)
            report = await CaseRepository(tx).report_of(assistant.id, caller.member_id)
        return OwnReports(data=[] if report is None else [own_report_view(report)])

    async def withdraw(self, caller: Caller, slug: str) -> ReportWithdrawn:
        """Take it back. Raises ListingNotFound."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, LISTINGS, slug)
            repository = CaseRepository(tx)
            await repository.one_by_one(assistant.id)
            report = await repository.report_of(assistant.id, caller.member_id)
            if report is not None:
                await repository.withdraw(report)
                act, case_id = Act.REPORT_WITHDRAWN, report.case_id
                Acts(tx).record_member(act, caller.member_id, case_id, None)
        return ReportWithdrawn(slug=assistant.slug)

    async def _check_number(self, repository: CaseRepository, caller: Caller) -> None:
        since = self._clock() - _DAY
        if await repository.made_since(caller.member_id, since) >= MOST_IN_A_DAY:
            raise TooManyReports(
                f"At most {MOST_IN_A_DAY} listings can be reported in a day. Try again tomorrow.",
                retry_after_seconds=int(_DAY.total_seconds()),
            )


async def open_case(tx: Transaction, assistant_id: str, clock: Clock) -> Case:
    """The open case of an assistant, made if there is none; under its lock."""
    repository = CaseRepository(tx)
    case = await repository.open_of(assistant_id)
    if case is None:
        case = Case(id=new_id("case_"), assistant_id=assistant_id, created_at=clock())
        repository.add(case)
        await repository.flush()
    return case
