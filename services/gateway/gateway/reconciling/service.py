"""Holds the ledger against the engines and the conversations: each night, and when asked to."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from contracts.clients.inference import InferenceClient
from contracts.engines import EngineCounters
from contracts.errors import StoreError
from contracts.ids import new_id
from contracts.lists import Page
from contracts.principal import Principal
from contracts.reconciling import Finding, ReconciledEngine, ReconciliationView, Verdict
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import require
from gateway.policy.rules import Thing
from gateway.policy.words import Action, Kind
from gateway.reconciling.errors import ReconciliationsNotYours
from gateway.reconciling.repository import FINDINGS_KEPT, ReconcilingRepository
from gateway.reconciling.rules import (
    NOTHING_CHARGED,
    Written,
    alarms,
    base_of,
    compared,
    overall,
    set_right,
    sets_right,
    unread,
)
from gateway.reconciling.tables import Reconciliation
from gateway.settings import ReconcilingLimits

log = logging.getLogger(__name__)

_FIRST_LOOK_BACK = timedelta(days=31)
_LOOKED_BACK = 30
_NIGHT_SECONDS = 60.0
_THE_INSTALLATION = Thing(Kind.INSTALLATION, "installation", None)
_Engines = Mapping[tuple[str, str], ReconciledEngine]


@dataclass(frozen=True)
class _Turns:
    """What the conversations had to say, from when to when."""

    since: datetime
    until: datetime
    findings: Sequence[Finding]
    count: int


class ReconcilingService:
    """Writes and reads reconciliations."""

    def __init__(
        self,
        database: Database,
        inference: InferenceClient,
        limits: ReconcilingLimits,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._inference = inference
        self._limits = limits
        self._clock = clock

    async def page(self, caller: Caller, page: PageRequest) -> Page[ReconciliationView]:
        """Those kept, for operators."""
        require_operator(caller, Action.SEE)
        async with self._database.transaction() as tx:
            repository = ReconcilingRepository(tx)
            rows = await repository.page(page)
            findings = [finding for row in rows.rows for finding in findings_of(row)]
            written = await repository.rows_of(map(sets_right, findings))
        return as_page(rows, lambda row: _view(row, written), lambda view: view.id)

    async def reconcile(self, caller: Caller) -> ReconciliationView:
        """Hold the books against each other now."""
        require_operator(caller, Action.ADMINISTER)
        row = await self._reconciled(night=None, member_id=caller.member_id)
        if row is None:
            raise RuntimeError("only nights can be written already")
        return _view(row)

    async def alarms(self) -> int | None:
        """How many things differed at the last look; None: nobody has looked yet."""
        async with self._database.transaction() as tx:
            latest = await ReconcilingRepository(tx).latest()
        if not latest:
            return None
        view = _view(latest[0])
        return alarms(view.engines, view.finding_count)

    async def run_nightly(self) -> None:
        """Look once a night, until cancelled."""
        while True:
            await asyncio.sleep(_NIGHT_SECONDS)
            try:
                await self.reconcile_tonight()
            except Exception:  # a night is tried again in a minute
                log.exception("the nightly reconciliation failed")

    async def reconcile_tonight(self) -> Reconciliation | None:
        """The nightly one, when its hour has come and no gateway has written it: a machine that
        slept at that hour looks when it wakes."""
        now, hour = self._clock().astimezone(UTC), self._limits.hour_utc
        night = now.date().isoformat()
        if hour is None or now.hour < hour:
            return None
        async with self._database.transaction() as tx:
            if await ReconcilingRepository(tx).has_night(night):
                return None
        return await self._reconciled(night=night, member_id=None)

    async def _reconciled(self, night: str | None, member_id: str | None) -> Reconciliation | None:
        async with self._database.transaction() as tx:
            latest = await ReconcilingRepository(tx).latest(_LOOKED_BACK)
        engines, is_read = await self._engines(_last_of_each(latest))
        turns = await self._turns(latest[0].turns_until if latest else None)
        verdict = overall(engines, turns.count, is_read=is_read)
        if verdict == "differs":
            log.error("the ledger differs: %d alarms", alarms(engines, turns.count))
        async with self._database.transaction() as tx:
            return await ReconcilingRepository(tx).keep(
                {
                    "id": new_id("rec_"),
                    "night": night,
                    "member_id": member_id,
                    "turns_since": turns.since,
                    "turns_until": turns.until,
                    "verdict": verdict,
                    "engines": [each.model_dump() for each in engines],
                    "findings": [each.model_dump() for each in turns.findings],
                    "finding_count": turns.count,
                }
            )

    async def _engines(self, before: _Engines) -> tuple[list[ReconciledEngine], bool]:
        """Looked at a few times: a call that ends just now is in the counters before the ledger."""
        found: list[ReconciledEngine] = []
        for look in range(self._limits.looks):
            if look:
                await asyncio.sleep(self._limits.look_seconds)
            try:
                counters = (await self._inference.counters(Principal())).data
            except StoreError as error:
                log.warning("the engines' counters could not be read: %s", error.message)
                return found, False
            found = [await self._engine(each, before) for each in counters]
            if all(each.verdict in ("equal", "unread") for each in found):
                break
        return found, True

    async def _engine(self, counters: EngineCounters, before: _Engines) -> ReconciledEngine:
        if counters.unread is not None:
            return unread(counters)
        base = base_of(counters, before.get((counters.engine, counters.model)))
        since = datetime.fromtimestamp(base.since, UTC)
        async with self._database.transaction() as tx:
            repository = ReconcilingRepository(tx)
            until = await repository.now()
            charged = await repository.charged(counters.engine, counters.model, since, until)
        return compared(counters, base, charged or NOTHING_CHARGED, until.timestamp())

    async def _turns(self, last_until: datetime | None) -> _Turns:
        async with self._database.transaction() as tx:
            repository = ReconcilingRepository(tx)
            now = await repository.now()
            # What has only just ended may still be on its way into the ledger.
            until = now - timedelta(seconds=self._limits.settle_seconds)
            since = now - _FIRST_LOOK_BACK if last_until is None else last_until
            turns, turn_count = await repository.turns_that_differ(since, until)
            rows, row_count = await repository.rows_without_turn(since, until)
        findings = [*turns, *rows][:FINDINGS_KEPT]
        return _Turns(since, max(since, until), findings, turn_count + row_count)


def require_operator(caller: Caller, action: Action) -> None:
    """Engines serve every workspace, so their counters are the operators'."""
    barred = ReconciliationsNotYours("Only operators reconcile the ledger with the engines.")
    require(caller, action, _THE_INSTALLATION, barred)


def _last_of_each(latest: Sequence[Reconciliation]) -> _Engines:
    found: dict[tuple[str, str], ReconciledEngine] = {}
    for row in latest:
        for engine in map(ReconciledEngine.model_validate, row.engines):
            if engine.verdict != "unread":
                found.setdefault((engine.engine, engine.model), engine)
    return found


def findings_of(row: Reconciliation) -> list[Finding]:
    """The first of what it found."""
    return [Finding.model_validate(each) for each in row.findings]


def _view(
    row: Reconciliation, written: Mapping[str, Written] = MappingProxyType({})
) -> ReconciliationView:
    verdict: Verdict = _VERDICTS[row.verdict]
    findings = [set_right(finding, written) for finding in findings_of(row)]
    corrected = sum(finding.correction_id is not None for finding in findings)
    return ReconciliationView(
        id=row.id,
        created_at=unix_seconds(row.created_at),
        night=row.night,
        since=0 if row.turns_since is None else unix_seconds(row.turns_since),
        until=unix_seconds(row.turns_until),
        verdict=verdict,
        engines=[ReconciledEngine.model_validate(each) for each in row.engines],
        findings=findings,
        finding_count=row.finding_count,
        open_count=row.finding_count - corrected,
    )


_VERDICTS: dict[str, Verdict] = {
    "equal": "equal",
    "explained": "explained",
    "differs": "differs",
    "unread": "unread",
}
