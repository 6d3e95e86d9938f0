"""The rows that answer a question: kept sums for whole spans, single calls for all the rest.

Each of them has `at`, the groups asked for, and what is counted. One statement reads both, so that
a call is in it once, whether it has been added up yet or not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import BigInteger as Whole

from gateway.reporting.rules.figures import STEP
from gateway.reporting.rules.periods import Grain, Pieces, Span, pieces
from gateway.reporting.rules.views import Question
from gateway.reporting.tables import FirstTokenCount, PendingEntry, UsageSum
from gateway.usage.rules import Grouping
from gateway.usage.tables import LedgerEntry

MEASURES = (
    "requests", "failed", "cancelled", "input_tokens", "cached_tokens", "output_tokens",
    "amount_pico",
)  # fmt: skip
_ALL = "all"
_MOMENTS = ARRAY(DateTime(timezone=True))
_OF_INSTALLATION = (_ALL, Grouping.MODEL.value)
"""Dimensions with sums of all workspaces together, and of quarters of an hour."""
_COLUMN: Mapping[Grouping, Any] = {
    Grouping.MEMBER: LedgerEntry.member_id,
    Grouping.ASSISTANT: LedgerEntry.assistant_id,
    Grouping.MODEL: LedgerEntry.model,
    Grouping.KEY: LedgerEntry.key_id,
}
_PRIVATE = (Grouping.MEMBER, Grouping.KEY)


def _one_if(holds: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((holds, 1), else_=0)


_IS_CALL = LedgerEntry.corrects.is_(None)
_OF_CALL: Sequence[ColumnElement[Any]] = [
    LedgerEntry.currency.expression,
    # A correction adds to a call that is counted already.
    _one_if(_IS_CALL).label("requests"),
    _one_if(and_(_IS_CALL, LedgerEntry.status == "failed")).label("failed"),
    _one_if(and_(_IS_CALL, LedgerEntry.status == "cancelled")).label("cancelled"),
    LedgerEntry.input_tokens.expression,
    LedgerEntry.cached_tokens.expression,
    LedgerEntry.output_tokens.expression,
    LedgerEntry.amount_pico.expression,
]
_STEP_OF_CALL: Sequence[ColumnElement[Any]] = [
    cast(
        func.floor(func.ln(func.greatest(LedgerEntry.first_token_ms, 1)) / func.ln(STEP)), Whole
    ).label("step"),
    literal(1, literal_execute=True).label("calls"),
]
_HAS_FIRST_TOKEN = and_(_IS_CALL, LedgerEntry.first_token_ms.is_not(None))


def facts(question: Question, *, measured: bool = True) -> Subquery:
    """at, the groups, currency and the measures; not measured: at and groups alone, which the
    indexes know."""
    has_quarters = _dimension(question) in _OF_INSTALLATION
    grain = question.grain if question.is_kept else Grain.CALL
    made = pieces(question.period, grain, has_quarters=has_quarters)
    measures = [UsageSum.currency, *(getattr(UsageSum, name) for name in MEASURES)]
    kept = [_sums(question, *span, measures if measured else []) for span in _spans(made)]
    return _together(question, made, kept, _OF_CALL if measured else [])


def first_tokens(question: Question) -> Subquery:
    """at, step, calls."""
    is_kept = question.is_kept and _dimension(question) == _ALL
    has_quarters = question.sight.workspace_id is None
    grain = question.grain if is_kept else Grain.CALL
    made = pieces(question.period, grain, has_quarters=has_quarters)
    kept = [_steps(question, *span) for span in _spans(made)]
    return _together(question, made, kept, _STEP_OF_CALL, _HAS_FIRST_TOKEN)


def calls_of(question: Question) -> ColumnElement[bool]:
    """Whether a ledger row is one of those asked about, whenever it was."""
    sight, narrowing = question.sight, question.narrowing
    conditions = [_is_one_of(_COLUMN[name], held) for name, held in question.held().items()]
    if sight.workspace_id is not None:
        conditions.append(LedgerEntry.workspace_id == sight.workspace_id)
    if sight.names_in is not None and (narrowing.member or narrowing.key):
        conditions.append(LedgerEntry.workspace_id == sight.names_in)
    if narrowing.conversation:
        conditions.append(LedgerEntry.conversation_id == narrowing.conversation)
        conditions.append(literal(sight.names_in is None))
    if narrowing.status:
        conditions.append(LedgerEntry.status == narrowing.status)
    if narrowing.purpose:
        conditions.append(LedgerEntry.purpose == narrowing.purpose)
    return and_(LedgerEntry.id.is_not(None), *conditions)


def buckets(at: ColumnElement[Any], bounds: Sequence[datetime]) -> ColumnElement[int]:
    """In which span of time a row lies, from 0 on. No bounds: all in one."""
    if not bounds:
        return literal(0, Integer, literal_execute=True)
    return func.width_bucket(at, bindparam(None, list(bounds), type_=_MOMENTS, unique=True)) - 1


def within(column: Any, span: Span) -> ColumnElement[bool]:
    """Whether a moment lies in the span."""
    bounds = []
    if span.start is not None:
        bounds.append(column >= span.start)
    if span.end is not None:
        bounds.append(column < span.end)
    return and_(column.is_not(None), *bounds)


def _together(
    question: Question,
    made: Pieces,
    kept: Sequence[Select[Any]],
    of_call: Sequence[ColumnElement[Any]],
    *counts: ColumnElement[bool],
) -> Subquery:
    """Kept rows, calls that wait to be added to them, and calls at the ends."""
    calls = _calls(question, of_call).where(*counts)
    parts = [*kept, *(calls.where(within(LedgerEntry.created_at, span)) for span in made.calls)]
    if made.summed is not None:
        waiting = calls.join(PendingEntry, PendingEntry.entry_id == LedgerEntry.id)
        parts.append(waiting.where(within(LedgerEntry.created_at, made.summed)))
    return union_all(*parts).subquery()


def _calls(question: Question, of_call: Sequence[ColumnElement[Any]]) -> Select[Any]:
    groups = [
        func.coalesce(_shown(name, question), "").label(name.value)
        for name in question.groups
        if name is not Grouping.DAY
    ]
    at: ColumnElement[Any] = LedgerEntry.created_at.expression
    columns: list[ColumnElement[Any]] = [at.label("at"), *groups, *of_call]
    return select(*columns).where(calls_of(question))


def _spans(made: Pieces) -> list[tuple[str, Span]]:
    days = [("day", span) for span in made.days]
    return [*days, *(("quarter", span) for span in made.quarters)]


def _sums(question: Question, grain: str, span: Span, measures: Sequence[Any]) -> Select[Any]:
    dimension = _dimension(question)
    groups = [
        UsageSum.value.label(name.value) for name in question.groups if name is not Grouping.DAY
    ]
    conditions = [UsageSum.dimension == dimension, UsageSum.grain == grain]
    if question.sight.workspace_id is not None:
        conditions.append(UsageSum.workspace_id == question.sight.workspace_id)
    elif dimension in _OF_INSTALLATION:
        conditions.append(UsageSum.workspace_id == "")
    if dimension == _ALL:
        conditions.append(UsageSum.value == "")
    conditions += [_is_in(UsageSum.value, held) for held in question.held().values()]
    columns: list[Any] = [UsageSum.starts_at.label("at"), *groups, *measures]
    return select(*columns).where(*conditions, within(UsageSum.starts_at, span))


def _steps(question: Question, grain: str, span: Span) -> Select[Any]:
    place = question.sight.workspace_id or ""
    columns: list[Any] = [
        FirstTokenCount.starts_at.label("at"), FirstTokenCount.step, FirstTokenCount.calls,
    ]  # fmt: skip
    return select(*columns).where(
        FirstTokenCount.grain == grain,
        FirstTokenCount.workspace_id == place,
        within(FirstTokenCount.starts_at, span),
    )


def _dimension(question: Question) -> str:
    names = question.dimensions()
    return names[0].value if names else _ALL


def _shown(name: Grouping, question: Question) -> ColumnElement[Any]:
    """Builders see who asked their assistants among their own people only."""
    column: ColumnElement[Any] = _COLUMN[name].expression
    home = question.sight.names_in
    if home is None or name not in _PRIVATE:
        return column
    return case((LedgerEntry.workspace_id == home, column))


def _is_one_of(column: Any, held: frozenset[str]) -> ColumnElement[bool]:
    named = held - {""}
    found = [column.is_(None)] if "" in held else []
    return or_(false(), _is_in(column, named), *found)


def _is_in(column: Any, held: frozenset[str]) -> ColumnElement[bool]:
    if len(held) == 1:
        is_it: ColumnElement[bool] = column == next(iter(held))
        return is_it
    is_among: ColumnElement[bool] = column.in_(sorted(held))
    return is_among
