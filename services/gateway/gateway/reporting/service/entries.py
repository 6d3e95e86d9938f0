"""The ledger's rows for those who may see them: page by page, one by one, or all of them."""

from collections.abc import AsyncIterator, Sequence

from contracts.lists import Page
from contracts.usage import CallStatus, LedgerDetail, LedgerRow, PriceSnapshot
from gateway.caller import Caller
from gateway.clock import unix_seconds
from gateway.db import Database, Transaction
from gateway.money import money
from gateway.paging import PageRequest, as_page
from gateway.reporting.errors import LedgerRowNotFound
from gateway.reporting.repository.entries import EntryRepository
from gateway.reporting.repository.names import NamesRepository
from gateway.reporting.rules.views import Question, Sight
from gateway.reporting.service.asking import Asked, sight_of
from gateway.usage.rules import per_million
from gateway.usage.tables import LedgerEntry

BATCH = 2_000
_STATUS: dict[str, CallStatus] = {
    "complete": "complete",
    "cancelled": "cancelled",
    "failed": "failed",
}


class LedgerReader:
    """Reads ledger rows. Nothing of what was said stands in them."""

    def __init__(self, database: Database, batch: int = BATCH) -> None:
        self._database = database
        self._batch = batch

    async def page(self, caller: Caller, asked: Asked, page: PageRequest) -> Page[LedgerRow]:
        """Some rows, the latest first unless asked otherwise."""
        async with self._database.transaction() as tx:
            sight = await sight_of(tx, caller, asked)
            rows = await EntryRepository(tx).page(asked.question(sight), page)
            names = await _Names(sight).looked_up(tx, rows.rows)
        return as_page(rows, names.row, lambda view: view.id)

    async def detail(self, caller: Caller, asked: Asked, entry_id: str) -> LedgerDetail:
        """One row, and what it belongs to. Raises LedgerRowNotFound."""
        async with self._database.transaction() as tx:
            sight = await sight_of(tx, caller, asked)
            entry = await EntryRepository(tx).find(asked.question(sight), entry_id)
            if entry is None:
                raise LedgerRowNotFound("There is no such row in the ledger.")
            names = await _Names(sight).looked_up(tx, [entry])
            row, lookup = names.row(entry), NamesRepository(tx)
            is_named = sight.names_in in (None, entry.workspace_id)
            places = await lookup.workspaces([entry.workspace_id] if is_named else [])
            talk = row.conversation_id
            spoken = None if talk is None else await lookup.conversation(talk)
        return LedgerDetail(
            **row.model_dump(),
            request_id=entry.request_id,
            workspace_id=entry.workspace_id if is_named else None,
            workspace_name=places.get(entry.workspace_id),
            conversation=spoken,
        )

    async def export(self, caller: Caller, asked: Asked) -> AsyncIterator[Sequence[LedgerRow]]:
        """All rows asked for, the latest first, in batches. Refuses before the first one.

        Each batch is a transaction of its own, so a slow reader holds no connection, and one who
        leaves has nothing running for them.
        """
        async with self._database.transaction() as tx:
            sight = await sight_of(tx, caller, asked)
        return self._batches(asked.question(sight))

    async def _batches(self, question: Question) -> AsyncIterator[Sequence[LedgerRow]]:
        names, last = _Names(question.sight), None
        while True:
            async with self._database.transaction() as tx:
                entries = await EntryRepository(tx).batch(question, last, self._batch)
                await names.looked_up(tx, entries)
            if entries:
                yield [names.row(entry) for entry in entries]
            if len(entries) < self._batch:
                return
            last = entries[-1]


class _Names:
    """The names of what rows are about, looked up once each."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._members: dict[str, str | None] = {}
        self._assistants: dict[str, str | None] = {}
        self._keys: dict[str, str | None] = {}

    async def looked_up(self, tx: Transaction, entries: Sequence[LedgerEntry]) -> "_Names":
        """The same, knowing these rows too."""
        lookup = NamesRepository(tx)
        for known, of, ids in (
            (self._members, lookup.members, {entry.member_id for entry in entries}),
            (self._assistants, lookup.assistants, {entry.assistant_id for entry in entries}),
            (self._keys, lookup.keys, {entry.key_id for entry in entries}),
        ):
            new = [found for found in ids if found is not None and found not in known]
            if new:
                known.update(dict.fromkeys(new) | await of(new))
        return self

    def row(self, entry: LedgerEntry) -> LedgerRow:
        """A row as the API shows it to this reader."""
        home = self._sight.names_in
        is_named = home is None or entry.workspace_id == home
        # Whoever builds an assistant learns what it costs, not who said how much to it elsewhere.
        member, key = (entry.member_id, entry.key_id) if is_named else (None, None)
        return LedgerRow(
            id=entry.id,
            created_at=unix_seconds(entry.created_at),
            purpose=entry.purpose,
            member_id=member,
            member_name=self._members.get(member or "") or None,  # empty: an account that is gone
            assistant_id=entry.assistant_id,
            assistant_name=self._assistants.get(entry.assistant_id or ""),
            assistant_version=entry.assistant_version,
            key_id=key,
            key_name=self._keys.get(key or ""),
            conversation_id=entry.conversation_id if home is None else None,
            model=entry.model,
            engine=entry.engine,
            input_tokens=entry.input_tokens,
            cached_tokens=entry.cached_tokens,
            output_tokens=entry.output_tokens,
            reasoning_tokens=entry.reasoning_tokens,
            prices=PriceSnapshot(
                input_per_million=per_million(entry.price_input_pico),
                cached_input_per_million=per_million(entry.price_cached_input_pico),
                output_per_million=per_million(entry.price_output_pico),
            ),
            cost=money(int(entry.amount_pico)),
            currency=entry.currency,
            status=_STATUS[entry.status],
            estimated=entry.estimated,
            first_token_ms=entry.first_token_ms,
            total_ms=entry.total_ms,
        )
