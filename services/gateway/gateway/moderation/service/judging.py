"""The moderators' side: the queue, its judgements, and what leaves the store or comes back."""

from datetime import datetime

from contracts.assistants import AssistantFields
from contracts.ids import new_id
from contracts.lists import Page
from contracts.moderation import (
    CaseClose,
    CaseOutcome,
    CaseReading,
    CaseState,
    LetBack,
    ReportCase,
    StoreState,
    TakedownWrite,
)
from gateway.assistants.tables import Assistant
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.letters.rules import Occasion
from gateway.letters.service import LetterService
from gateway.moderation.errors import (
    CaseClosed,
    CaseNotFound,
    ReasonMissing,
    StillTakenDown,
    StoreNotYours,
)
from gateway.moderation.repository import CaseRepository, TakedownRepository, judged
from gateway.moderation.service.reporting import open_case
from gateway.moderation.service.views import case_views
from gateway.moderation.tables import Case, Takedown
from gateway.paging import PageRequest
from gateway.policy.loading import Hold, load, require
from gateway.policy.rules import Thing
from gateway.policy.words import Action, Kind

REPORTS_IN_LISTS = 3
REPORTS_OF_ONE = 100
THE_STORE = Thing(Kind.INSTALLATION, "store", None)


def check_keeps_store(caller: Caller) -> None:
    """Raises StoreNotYours for all but operators."""
    otherwise = StoreNotYours("Only operators keep the store in order.")
    require(caller, Action.ADMINISTER, THE_STORE, otherwise)


class JudgingService:
    """What moderators do: the installation's operators, in person."""

    def __init__(self, database: Database, letters: LetterService, clock: Clock = utc_now) -> None:
        self._database = database
        self._letters = letters
        self._clock = clock

    async def state(self, caller: Caller) -> StoreState:
        """How much waits for a judgement. Raises StoreNotYours, as everything here."""
        check_keeps_store(caller)
        async with self._database.transaction() as tx:
            open_cases, appeals = await CaseRepository(tx).count_open()
        return StoreState(open_cases=open_cases, appeals=appeals)

    async def page(self, caller: Caller, state: CaseState, page: PageRequest) -> Page[ReportCase]:
        """Cases, the latest first, each with its latest reports."""
        check_keeps_store(caller)
        async with self._database.transaction() as tx:
            rows = await CaseRepository(tx).page(state, page)
            views = await case_views(tx, rows.rows, REPORTS_IN_LISTS)
        return Page(
            data=views,
            first_id=views[0].id if views else None,
            last_id=views[-1].id if views else None,
            has_more=rows.has_more,
        )

    async def get(self, caller: Caller, case_id: str) -> ReportCase:
        """One case. Raises CaseNotFound."""
        check_keeps_store(caller)
        async with self._database.transaction() as tx:
            return await _view(tx, await _found(tx, case_id))

    async def read(self, caller: Caller, case_id: str) -> CaseReading:
        """What the published version tells its model, for who judges it: only while the case is
        open, and each reading leaves its row in the audit trail. Raises CaseNotFound, CaseClosed.
        """
        check_keeps_store(caller)
        async with self._database.transaction() as tx:
            case = await _found(tx, case_id)
            if case.outcome is not None:
                raise CaseClosed("Instructions are read while a case is open.")
            found = await CaseRepository(tx).definition(case)
            if found is None:
                raise CaseNotFound("The assistant is not there any more.")
            Acts(tx).record(Act.LISTING_READ, caller, case.assistant_id)
        version, definition = found
        fields = AssistantFields.model_validate(definition)
        return CaseReading(
            version=version, instructions=fields.instructions, starters=list(fields.starters)
        )

    async def close(self, caller: Caller, case_id: str, said: CaseClose) -> ReportCase:
        """Judge a case; again the same changes nothing. Raises CaseNotFound, CaseClosed,
        StillTakenDown, ReasonMissing."""
        check_keeps_store(caller)
        outcome = CaseOutcome(said.outcome)
        async with self._database.transaction() as tx:
            case = await _found(tx, case_id)
            await CaseRepository(tx).one_by_one(case.assistant_id)
            case = await _found(tx, case_id)
            if case.outcome is not None:
                if case.outcome != outcome:
                    raise CaseClosed("Somebody has judged this case already.")
                return await _view(tx, case)
            if outcome is CaseOutcome.TAKEN_DOWN:
                if not said.words:
                    raise ReasonMissing("Say why: the builders read it.", param="words")
                assistant = await _held(tx, caller, case.assistant_id)
                is_new = await self._take_down(tx, caller, assistant, said.words)
            else:
                await self._dismiss(tx, caller, case, said.words)
                assistant, is_new = None, False
            view = await _view(tx, case)
        if assistant is not None and is_new:
            self._tell(assistant)
        return view

    async def take_down(self, caller: Caller, name: str, wanted: TakedownWrite) -> ReportCase:
        """Take an assistant out of the store, at once, or give another reason for it; the answer is
        the case that tells of it. Raises ListingNotFound."""
        check_keeps_store(caller)
        async with self._database.transaction() as tx:
            assistant = await _held(tx, caller, name)
            if assistant.taken_down_at is None:
                await open_case(tx, assistant.id, self._clock)
            is_new = await self._take_down(tx, caller, assistant, wanted.words)
            view = await _view(tx, await CaseRepository(tx).latest_of(assistant.id))
        if is_new:
            self._tell(assistant)
        return view

    async def let_back(self, caller: Caller, name: str) -> LetBack:
        """Let it back into the store. Raises ListingNotFound."""
        check_keeps_store(caller)
        async with self._database.transaction() as tx:
            assistant = await _held(tx, caller, name)
            standing = (await TakedownRepository(tx).standing([assistant.id])).get(assistant.id)
            if standing is not None:
                now = self._clock()
                assistant.taken_down_at = None
                standing.lifted_at, standing.lifted_by = now, caller.member_id
                case = await CaseRepository(tx).open_of(assistant.id)
                if case is not None:
                    _judged(case, caller, CaseOutcome.LET_BACK, "", now)
                Acts(tx).record(Act.LISTING_LET_BACK, caller, assistant.id)
        return LetBack(assistant_id=assistant.id)

    async def _take_down(
        self, tx: Transaction, caller: Caller, assistant: Assistant, words: str
    ) -> bool:
        """Whether it was in the store before. Closes its case; an answer was looked at by this."""
        now, takedowns = self._clock(), TakedownRepository(tx)
        standing = (await takedowns.standing([assistant.id])).get(assistant.id)
        if standing is None:
            assistant.taken_down_at = now
            row = Takedown(id=new_id("tkd_"), assistant_id=assistant.id, created_at=now)
            row.words, row.taken_by, row.answer = words, caller.member_id, ""
            CaseRepository(tx).add(row)
        else:
            standing.judged_at = None if standing.answered_at is None else now
        case = await CaseRepository(tx).open_of(assistant.id)
        if case is not None:
            _judged(case, caller, CaseOutcome.TAKEN_DOWN, words, now)
        elif standing is not None and standing.words == words:
            return False  # said again: nothing was done
        if standing is not None:
            standing.words, standing.taken_by = words, caller.member_id
        Acts(tx).record_judgement(Act.LISTING_TAKEN_DOWN, caller, assistant.id, words)
        await CaseRepository(tx).flush()
        return standing is None

    async def _dismiss(self, tx: Transaction, caller: Caller, case: Case, words: str) -> None:
        if await TakedownRepository(tx).standing([case.assistant_id]):
            raise StillTakenDown("It is out of the store: let it back, or keep it out.")
        _judged(case, caller, CaseOutcome.DISMISSED, words, self._clock())
        Acts(tx).record_judgement(Act.CASE_DISMISSED, caller, case.id, words)
        await CaseRepository(tx).flush()

    def _tell(self, assistant: Assistant) -> None:
        """Write to the owner, beside the request."""
        self._letters.beside(
            lambda: self._write_to(assistant.owner_id, assistant.id), "a listing was taken down"
        )

    async def _write_to(self, owner_id: str, assistant_id: str) -> None:
        async with self._database.transaction() as tx:
            email = await CaseRepository(tx).address_of(owner_id)
        if email is not None:
            page = self._letters.page(f"/studio/{assistant_id}")
            # Nobody keeps in which language a member reads: this letter is in both.
            await self._letters.send(Occasion.TAKEN_DOWN, email, "", page)


def _judged(case: Case, caller: Caller, outcome: CaseOutcome, words: str, now: datetime) -> None:
    case.outcome, case.words = outcome.value, words
    case.closed_at, case.closed_by = now, caller.member_id


async def _found(tx: Transaction, case_id: str) -> Case:
    case = await CaseRepository(tx).find(case_id)
    if case is None:
        raise CaseNotFound(f"There is no case {case_id}.")
    return case


async def _held(tx: Transaction, caller: Caller, name: str) -> Assistant:
    """What is judged, under the lock of its cases: that one first, wherever both are taken."""
    found = await load(tx, caller, Action.ADMINISTER, judged(), name)
    await CaseRepository(tx).one_by_one(found.id)
    return await load(tx, caller, Action.ADMINISTER, judged(), found.id, Hold.ALONE)


async def _view(tx: Transaction, case: Case) -> ReportCase:
    return (await case_views(tx, [case], REPORTS_OF_ONE))[0]
