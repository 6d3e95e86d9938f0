"""Sums of the ledger by engine, turns that do not agree with it, and the reconciliations kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from contracts.conversations import TurnStatus
from contracts.engines import Tokens
from contracts.reconciling import Finding
from gateway.clock import unix_seconds
from gateway.conversations.tables import Conversation, Message, Turn
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.payer import Payer
from gateway.reconciling.rules import Charged, Uncharged, Written
from gateway.reconciling.tables import Reconciliation
from gateway.usage.rules import CORRECTION, TokenPrice
from gateway.usage.tables import LedgerEntry

FINDINGS_KEPT = 200
_TWICE_WITHIN = timedelta(minutes=10)

_SAID_IN = Message.usage["prompt_tokens"].as_integer()
_SAID_OUT = Message.usage["completion_tokens"].as_integer()
_SAID_CACHED = func.coalesce(
    Message.usage["prompt_tokens_details"]["cached_tokens"].as_integer(), 0
)
_CORRECTION = aliased(LedgerEntry)


class ReconcilingRepository:
    """The books inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def now(self) -> datetime:
        """By the clock that dates the ledger's rows."""
        return (await self._tx.execute(select(func.now()))).scalar_one()

    async def charged(
        self, engine: str, model: str, since: datetime, until: datetime
    ) -> Charged | None:
        """What the ledger has of an engine, or None when it has no row."""
        entry = LedgerEntry
        columns = (entry.input_tokens, entry.cached_tokens, entry.output_tokens)
        query = select(
            func.count(),
            *(func.coalesce(func.sum(column), 0) for column in columns),
            func.count().filter(entry.estimated),
            *(func.coalesce(func.sum(column).filter(entry.estimated), 0) for column in columns),
        ).where(
            entry.engine == engine,
            entry.model == model,
            entry.created_at > since,
            entry.created_at <= until,
            # What corrects a row of an interval that was compared before belongs to that one.
            ~_corrects_one_until(since),
        )
        calls, *sums = (await self._tx.execute(query)).one()
        if not calls:
            return None
        return Charged(
            calls=calls,
            tokens=_tokens(*sums[:3]),
            estimated_calls=sums[3],
            estimated=_tokens(*sums[4:]),
        )

    async def turns_that_differ(
        self, since: datetime, until: datetime
    ) -> tuple[Sequence[Finding], int]:
        """Turns whose answer by a model has no row, or one with other counts; and how many."""
        entry = LedgerEntry
        query: Select[Any] = (
            select(
                Turn.id,
                Turn.ended_at,
                entry.id,
                entry.model,
                _SAID_IN,
                _SAID_CACHED,
                _SAID_OUT,
                *_charged_of_turn(),
            )
            .join(Message, and_(Message.turn_id == Turn.id, Message.role == "assistant"))
            .outerjoin(entry, entry.request_id == Turn.id)
            .outerjoin(_CORRECTION, _CORRECTION.request_id == Turn.id + CORRECTION)
            .where(
                Turn.status != TurnStatus.RUNNING.value,
                Turn.ended_at > since,
                Turn.ended_at <= until,
                func.jsonb_typeof(Message.usage) == "object",
                _disagrees(),
            )
        )
        rows, count = await self._first_of(query.order_by(Turn.id), query)
        return [_turn_finding(row) for row in rows], count

    async def rows_without_turn(
        self, since: datetime, until: datetime
    ) -> tuple[Sequence[Finding], int]:
        """Rows of a conversation that belong to no turn of it; and how many.

        A conversation that was deleted has lost its turns, and its rows stay.
        """
        entry, other = LedgerEntry, aliased(LedgerEntry)
        twin = (
            select(other.id)
            .where(
                other.conversation_id == entry.conversation_id,
                other.id != entry.id,
                other.purpose == entry.purpose,
                other.input_tokens == entry.input_tokens,
                other.output_tokens == entry.output_tokens,
                other.created_at > entry.created_at - _TWICE_WITHIN,
                other.created_at < entry.created_at + _TWICE_WITHIN,
            )
            .exists()
        )
        columns: list[Any] = [
            entry.request_id,
            entry.created_at,
            entry.id,
            entry.model,
            entry.input_tokens,
            entry.cached_tokens,
            entry.output_tokens,
            twin,
        ]
        query: Select[Any] = (
            select(*columns)
            .join(Conversation, Conversation.id == entry.conversation_id)
            .outerjoin(Turn, Turn.id == func.split_part(entry.request_id, ":", 1))
            .outerjoin(_CORRECTION, _CORRECTION.request_id == entry.request_id + CORRECTION)
            .where(
                entry.created_at > since,
                entry.created_at <= until,
                Conversation.deleted_at.is_(None),
                Turn.id.is_(None),
                entry.corrects.is_(None),
                _CORRECTION.id.is_(None),
            )
        )
        rows, count = await self._first_of(query.order_by(entry.id), query)
        return [_row_finding(row) for row in rows], count

    async def latest(self, count: int = 1) -> Sequence[Reconciliation]:
        """The newest first."""
        query = select(Reconciliation).order_by(Reconciliation.id.desc()).limit(count)
        return (await self._tx.scalars(query)).all()

    async def page(self, page: PageRequest) -> Rows[Reconciliation]:
        """Those kept."""
        return await fetch_page(self._tx, select(Reconciliation), Reconciliation.id, page)

    async def get(self, reconciliation_id: str) -> Reconciliation | None:
        """One of them."""
        return await self._tx.get(Reconciliation, reconciliation_id)

    async def rows_of(self, request_ids: Iterable[str]) -> dict[str, Written]:
        """request id -> what the ledger has of it."""
        entry = LedgerEntry
        columns = (entry.input_tokens, entry.cached_tokens, entry.output_tokens)
        query = select(entry.request_id, entry.id, *columns).where(
            entry.request_id.in_(list(request_ids))
        )
        rows = await self._tx.execute(query)
        return {row[0]: Written(row[1], _tokens(*row[2:])) for row in rows}

    async def uncharged(self, turn_id: str) -> Uncharged | None:
        """Whose turn it was, and what the nearest answer of its assistant was charged by."""
        entry = LedgerEntry
        near = case((entry.conversation_id == Conversation.id, 0), else_=1)
        columns: list[Any] = [
            Turn.created_at,
            Conversation,
            entry.model,
            entry.currency,
            entry.price_input_pico,
            entry.price_cached_input_pico,
            entry.price_output_pico,
        ]
        query: Select[Any] = (
            select(*columns)
            .join(Conversation, Conversation.id == Turn.conversation_id)
            .join(entry, entry.assistant_id == Conversation.assistant_id)
            .where(Turn.id == turn_id, entry.purpose == "chat", entry.corrects.is_(None))
            .order_by(near, entry.created_at.desc())
            .limit(1)
        )
        row = (await self._tx.execute(query)).one_or_none()
        if row is None:
            return None
        began, talk, model, currency, *price = tuple(row)
        return Uncharged(
            began=began,
            payer=Payer(talk.workspace_id, talk.member_id, talk.assistant_id, None),
            assistant_version=talk.assistant_version,
            conversation_id=talk.id,
            model=model,
            currency=currency,
            price=TokenPrice(*price),
        )

    async def has_night(self, night: str) -> bool:
        """Whether the nightly one of that day is there."""
        query = select(Reconciliation.id).where(Reconciliation.night == night)
        return (await self._tx.scalar(query)) is not None

    async def keep(self, row: dict[str, Any]) -> Reconciliation | None:
        """Write it; None when another gateway has written this night's."""
        statement = (
            insert(Reconciliation)
            .values(row)
            .on_conflict_do_nothing(index_elements=["night"])
            .returning(Reconciliation)
        )
        return (await self._tx.scalars(statement)).one_or_none()

    async def _first_of(
        self, ordered: Select[Any], query: Select[Any]
    ) -> tuple[Sequence[Row[Any]], int]:
        rows = (await self._tx.execute(ordered.limit(FINDINGS_KEPT))).all()
        if len(rows) < FINDINGS_KEPT:
            return rows, len(rows)
        counted = select(func.count()).select_from(query.subquery())
        return rows, (await self._tx.execute(counted)).scalar_one()


def _corrects_one_until(moment: datetime) -> ColumnElement[bool]:
    other = aliased(LedgerEntry)
    wrong = select(other.id).where(other.id == LedgerEntry.corrects, other.created_at <= moment)
    return wrong.exists()


def _disagrees() -> ColumnElement[bool]:
    entry, said_by_turn = LedgerEntry, (_SAID_IN, _SAID_CACHED, _SAID_OUT)
    return or_(
        # Words said without a model, and what a model was never asked, cost nothing.
        and_(entry.id.is_(None), _SAID_IN + _SAID_OUT > 0),
        *(charged != said for charged, said in zip(_charged_of_turn(), said_by_turn, strict=True)),
    )


def _charged_of_turn() -> tuple[ColumnElement[int], ...]:
    """A turn's row, and the row that corrects it."""
    entry, correction = LedgerEntry, _CORRECTION
    return (
        entry.input_tokens + func.coalesce(correction.input_tokens, 0),
        entry.cached_tokens + func.coalesce(correction.cached_tokens, 0),
        entry.output_tokens + func.coalesce(correction.output_tokens, 0),
    )


def _turn_finding(row: Row[Any]) -> Finding:
    turn_id, at, ledger_id, model, *counts = tuple(row)
    said = _tokens(*counts[:3])
    charged = Tokens() if ledger_id is None else _tokens(*counts[3:])
    return Finding(
        kind="not_charged" if ledger_id is None else "counts_differ",
        at=unix_seconds(at),
        request_id=turn_id,
        ledger_id=ledger_id,
        model=model,
        said=said,
        charged=charged,
        correction=said - charged,
    )


def _row_finding(row: Row[Any]) -> Finding:
    request_id, at, ledger_id, model, *counts, is_twin = tuple(row)
    charged = _tokens(*counts)
    return Finding(
        kind="charged_twice" if is_twin else "without_turn",
        at=unix_seconds(at),
        request_id=request_id,
        ledger_id=ledger_id,
        model=model,
        said=Tokens(),
        charged=charged,
        correction=Tokens() - charged,
    )


def _tokens(read: int, cached: int, written: int) -> Tokens:
    # PostgreSQL sums integers as NUMERIC; each of these is whole.
    return Tokens(input_tokens=int(read), cached_tokens=int(cached), output_tokens=int(written))
