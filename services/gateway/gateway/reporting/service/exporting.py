"""Tables on their way out, block by block."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from contracts.usage import LedgerRow, UsageRow
from gateway.reporting.rules.sheets import sheet

LEDGER_COLUMNS = ("time", *(name for name in LedgerRow.model_fields if name != "object"))
USAGE_COLUMNS = tuple(name for name in UsageRow.model_fields if name != "object")
Batches = AsyncIterator[Sequence[LedgerRow]]


async def ledger_sheet(batches: Batches) -> AsyncIterator[bytes]:
    """Ledger rows as CSV."""
    is_first = True
    async for rows in batches:
        yield sheet(map(_with_time, rows), LEDGER_COLUMNS, is_first=is_first)
        is_first = False
    if is_first:
        yield sheet([], LEDGER_COLUMNS, is_first=True)


async def ledger_array(batches: Batches) -> AsyncIterator[bytes]:
    """Ledger rows as one JSON array, a row a line."""
    opening = "["
    async for rows in batches:
        yield (opening + "\n" + ",\n".join(row.model_dump_json() for row in rows)).encode()
        opening = ","
    yield b"[]\n" if opening == "[" else b"\n]\n"


def usage_sheet(rows: Sequence[UsageRow]) -> bytes:
    """Sums as CSV."""
    return sheet((row.model_dump() for row in rows), USAGE_COLUMNS, is_first=True)


def _with_time(row: LedgerRow) -> dict[str, Any]:
    at = datetime.fromtimestamp(row.created_at, UTC)
    return {"time": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **row.model_dump()}
