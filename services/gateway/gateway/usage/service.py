"""The ledger: every model call is written once, with the price of its moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from contracts.generation import EngineUsage, ServedModel
from contracts.ids import new_id
from contracts.lists import Page
from contracts.usage import LedgerRow, UsageRow
from gateway.caller import Caller
from gateway.clock import unix_seconds
from gateway.db import Database
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import require
from gateway.policy.rules import here
from gateway.policy.words import Action, Kind
from gateway.usage.errors import LedgerNotYours, UnknownGrouping, UnknownPeriod
from gateway.usage.repository import LedgerRepository, Sums
from gateway.usage.rules import (
    Grouping,
    amount_pico,
    cached_tokens,
    money,
    token_price,
    view_of,
)
from gateway.usage.tables import LedgerEntry

CallStatus = Literal["complete", "cancelled", "failed"]
_STATUS: dict[str, CallStatus] = {
    "complete": "complete",
    "cancelled": "cancelled",
    "failed": "failed",
}


@dataclass(frozen=True)
class ModelCall:
    """A model call that has ended, whatever way. request_id makes writing it twice harmless."""

    request_id: str
    purpose: str
    workspace_id: str
    member_id: str | None
    assistant_id: str | None
    assistant_version: int | None
    key_id: str | None
    conversation_id: str | None
    model: ServedModel
    usage: EngineUsage
    status: CallStatus
    first_token_ms: int | None
    total_ms: int | None


class LedgerService:
    """Writes the ledger, and reads it for those who may."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, call: ModelCall) -> None:
        """Append the call. Recorded again, nothing changes."""
        price = token_price(call.model.price)
        row = {
            "id": new_id("led_"),
            "request_id": call.request_id,
            "purpose": call.purpose,
            "workspace_id": call.workspace_id,
            "member_id": call.member_id,
            "assistant_id": call.assistant_id,
            "assistant_version": call.assistant_version,
            "key_id": call.key_id,
            "conversation_id": call.conversation_id,
            "model": call.model.id,
            "engine": call.model.engine,
            "input_tokens": call.usage.input_tokens,
            "cached_tokens": cached_tokens(call.usage),
            "output_tokens": call.usage.output_tokens,
            "estimated": call.usage.estimated,
            "status": call.status,
            "currency": call.model.price.currency,
            "price_input_pico": price.input_pico,
            "price_cached_input_pico": price.cached_input_pico,
            "price_output_pico": price.output_pico,
            "amount_pico": amount_pico(price, call.usage),
            "first_token_ms": call.first_token_ms,
            "total_ms": call.total_ms,
        }
        async with self._database.transaction() as tx:
            await LedgerRepository(tx).append(row)

    async def usage(
        self, caller: Caller, group_by: str, since: str | None, until: str | None
    ) -> Page[UsageRow]:
        """Sums over the rows the caller may see."""
        groups = _groupings(group_by)
        start, end = _moment(since, "from"), _moment(until, "to")
        async with self._database.transaction() as tx:
            sums = await LedgerRepository(tx).sums(view_of(caller), groups, start, end)
        return Page(data=[_usage_row(found) for found in sums])

    async def rows(self, caller: Caller, page: PageRequest) -> Page[LedgerRow]:
        """The rows themselves, for those who run the workspace or the installation."""
        barred = LedgerNotYours("Only admins of the workspace see its ledger.")
        require(caller, Action.SEE, here(caller, Kind.LEDGER), barred)
        async with self._database.transaction() as tx:
            repository = LedgerRepository(tx)
            rows = await repository.page(view_of(caller), page)
            members = await repository.member_names(_known(row.member_id for row in rows.rows))
            assistants = await repository.assistant_names(
                _known(row.assistant_id for row in rows.rows)
            )
        return as_page(
            rows, lambda row: _ledger_row(row, members, assistants), lambda view: view.id
        )


def _groupings(group_by: str) -> Sequence[Grouping]:
    wanted = [name.strip() for name in group_by.split(",") if name.strip()]
    try:
        return [Grouping(name) for name in dict.fromkeys(wanted)]
    except ValueError as error:
        names = ", ".join(Grouping)
        raise UnknownGrouping(f"Group by some of {names}.", param="group_by") from error


def _moment(given: str | None, param: str) -> datetime | None:
    """Unix seconds, or an ISO date or time; without a zone it is UTC."""
    if given is None or given == "":
        return None
    try:
        if given.isascii() and given.isdigit():
            return datetime.fromtimestamp(int(given), UTC)
        moment = datetime.fromisoformat(given)
    except (ValueError, OverflowError, OSError) as error:
        raise UnknownPeriod(f"{param} is no date.", param=param) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _known(ids: Iterable[str | None]) -> list[str]:
    return sorted({found for found in ids if found is not None})


def _usage_row(sums: Sums) -> UsageRow:
    return UsageRow(
        member_id=sums.group.get(Grouping.MEMBER),
        assistant_id=sums.group.get(Grouping.ASSISTANT),
        model=sums.group.get(Grouping.MODEL),
        key_id=sums.group.get(Grouping.KEY),
        day=sums.group.get(Grouping.DAY),
        requests=sums.requests,
        input_tokens=sums.input_tokens,
        cached_tokens=sums.cached_tokens,
        output_tokens=sums.output_tokens,
        cost=money(sums.amount_pico),
        currency=sums.currency,
    )


def _ledger_row(
    row: LedgerEntry, members: Mapping[str, str], assistants: Mapping[str, str]
) -> LedgerRow:
    return LedgerRow(
        id=row.id,
        created_at=unix_seconds(row.created_at),
        member_id=row.member_id,
        member_name=members.get(row.member_id or "") or None,  # empty: an account that is gone
        assistant_id=row.assistant_id,
        assistant_name=assistants.get(row.assistant_id or ""),
        key_id=row.key_id,
        conversation_id=row.conversation_id,
        model=row.model,
        input_tokens=row.input_tokens,
        cached_tokens=row.cached_tokens,
        output_tokens=row.output_tokens,
        cost=money(int(row.amount_pico)),
        currency=row.currency,
        status=_STATUS[row.status],
        estimated=row.estimated,
    )
