"""What a difference between an engine's counters and the ledger means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.engines import EngineCounters, Tokens
from contracts.reconciling import Finding, ReconciledEngine, Verdict
from gateway.payer import Payer
from gateway.usage.rules import TokenPrice, correction_of

CARRIED_SECONDS = 3 * 86_400
"""For so long an interval that ended among open answers is looked at again as a whole."""


@dataclass(frozen=True)
class Charged:
    """What the ledger has of one engine. estimated: of rows whose engine gave no count."""

    calls: int
    tokens: Tokens
    estimated_calls: int
    estimated: Tokens


NOTHING_CHARGED = Charged(0, Tokens(), 0, Tokens())


@dataclass(frozen=True)
class Base:
    """Where an interval begins."""

    since: float
    counters: Tokens
    loose: Tokens
    is_restart: bool = False
    is_first: bool = False


def base_of(counters: EngineCounters, before: ReconciledEngine | None) -> Base:
    """Where the interval of this engine begins: at the last look, or when it began to count."""
    if before is None or before.boot != counters.boot:
        return Base(
            counters.since,
            Tokens(),
            Tokens(),
            is_restart=before is not None,
            is_first=before is None,
        )
    is_among_open = before.verdict == "explained" and before.open_calls > 0
    if is_among_open and before.until - before.since < CARRIED_SECONDS:
        # Which of its calls fell on which side of the cut is not known: looked at once more.
        return Base(before.since, before.base, before.base_loose)
    return Base(before.until, before.counters, before.loose)


def compared(
    counters: EngineCounters, base: Base, charged: Charged, until: float
) -> ReconciledEngine:
    """The verdict on one engine."""
    counted = counters.counted - base.counters
    in_ledger, estimated = charged.tokens, charged.estimated
    if not counters.counts_cached:
        in_ledger, estimated = _read_only(in_ledger), _read_only(estimated)
    difference = counted - in_ledger
    may_exceed = counters.loose - base.loose + _of_open(counters)
    note = "first" if base.is_first else "restarted" if base.is_restart else ""
    return ReconciledEngine(
        engine=counters.engine,
        model=counters.model,
        boot=counters.boot,
        note=note,
        since=base.since,
        until=until,
        calls=charged.calls,
        counted=counted,
        charged=in_ledger,
        difference=difference,
        open_calls=counters.open_calls,
        estimated_calls=charged.estimated_calls,
        may_exceed=may_exceed,
        may_lack=estimated,
        verdict=_verdict(difference, counters.heard_open, may_exceed, estimated),
        counters=counters.counted,
        loose=counters.loose,
        base=base.counters,
        base_loose=base.loose,
    )


def unread(counters: EngineCounters) -> ReconciledEngine:
    """An engine whose counters could not be asked for."""
    return ReconciledEngine(
        engine=counters.engine, model=counters.model, verdict="unread", unread=counters.unread
    )


def overall(engines: Sequence[ReconciledEngine], findings: int, *, is_read: bool) -> Verdict:
    """The worst of all."""
    verdicts = {each.verdict for each in engines}
    if findings or "differs" in verdicts:
        return "differs"
    if "unread" in verdicts or not is_read:
        return "unread"
    return "explained" if "explained" in verdicts else "equal"


def alarms(engines: Iterable[ReconciledEngine], finding_count: int) -> int:
    """How many things differ."""
    return sum(each.verdict == "differs" for each in engines) + finding_count


@dataclass(frozen=True)
class Written:
    """A row of the ledger."""

    id: str
    tokens: Tokens


@dataclass(frozen=True)
class Uncharged:
    """A turn without a row, and what the nearest answer of its assistant was charged by."""

    began: datetime
    payer: Payer
    assistant_version: int | None
    conversation_id: str
    model: str
    currency: str
    price: TokenPrice


def sets_right(finding: Finding) -> str:
    """The request id of the row that sets a finding right."""
    request_id = finding.request_id
    return request_id if finding.ledger_id is None else correction_of(request_id)


def set_right(finding: Finding, rows: Mapping[str, Written]) -> Finding:
    """The finding, and the row that has set it right since."""
    row = rows.get(sets_right(finding))
    if row is None or (finding.ledger_id is not None and row.tokens != finding.correction):
        return finding
    return finding.model_copy(update={"correction_id": row.id})


def _read_only(tokens: Tokens) -> Tokens:
    return Tokens(
        input_tokens=tokens.input_tokens - tokens.cached_tokens,
        output_tokens=tokens.output_tokens,
    )


def _of_open(counters: EngineCounters) -> Tokens:
    most = counters.open_calls * counters.window_tokens
    return Tokens(input_tokens=most, cached_tokens=most, output_tokens=most)


def _verdict(
    difference: Tokens, heard_open: Tokens, may_exceed: Tokens, may_lack: Tokens
) -> Verdict:
    if (difference - heard_open).is_nothing():
        return "equal"
    above, below = may_exceed - difference, difference + may_lack
    room = (
        above.input_tokens,
        above.cached_tokens,
        above.output_tokens,
        below.input_tokens,
        below.cached_tokens,
        below.output_tokens,
    )
    return "explained" if min(room) >= 0 else "differs"
