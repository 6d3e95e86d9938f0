"""A gateway's database and blobs as they were: what changed since, and putting it back."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from gateway.schema import METADATA
from tests.support.waiting import wait_until

UNCOUNTED = ("last_used_at", "last_seen_at", "sent_at", "attempts")
"""Columns that a refused call may touch: when somebody asked last, and the relay's own."""

_BESIDE = {
    "audit_events",
    "listing_meanings",
    "listing_prints",
    "listing_scores",
    "usage_active_days",
    "usage_first_tokens",
    "usage_pending",
    "usage_sums",
}
"""The trail tells of every call; what is counted or placed follows, each gateway in its time."""
_TABLES = [table.name for table in METADATA.sorted_tables if table.name not in _BESIDE]
_STRIPPED = " - ".join(f"'{name}'" for name in UNCOUNTED)
_ROWS = (
    "SELECT '{name}' AS name, md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) "
    "AS print FROM (SELECT to_jsonb(t) - {stripped} AS r FROM {name} t) rows"
)
_PRINTS = " UNION ALL ".join(_ROWS.format(name=name, stripped=_STRIPPED) for name in _TABLES)
_REFUSALS = "SELECT count(*) FROM audit_events WHERE verdict <> 'done'"
_ACTS = "SELECT action FROM audit_events WHERE request_id = $1 AND verdict = 'done'"
_KEEP = "DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept; " + "; ".join(
    f"CREATE TABLE kept.{name} AS TABLE {name}" for name in _TABLES
)
_ONE_BACK = "DELETE FROM {name}; INSERT INTO {name} SELECT * FROM kept.{name}; "
_GIVE_WAY = "SET LOCAL deadlock_timeout = '20ms'; SET LOCAL lock_timeout = '500ms'; "
"""Far below the gateway's second: of two that wait for each other, it is never the one ended."""
_PUT_BACK = (
    _GIVE_WAY
    + "SET LOCAL session_replication_role = replica; "
    + "".join(_ONE_BACK.format(name=name) for name in _TABLES)
)


@dataclass
class Kept:
    """Everything there is, remembered once; put back row by row, which costs milliseconds."""

    folder: Path
    runner: asyncio.Runner
    connection: asyncpg.Connection
    _untouched: dict[str, str] = field(default_factory=dict, init=False)
    """The prints of everything as it was kept."""

    def changes(self) -> str:
        """Which tables hold something else than was kept, or "blobs"; empty: nothing changed."""
        now = self.runner.run(self._prints())
        return ", ".join(sorted(name for name in now if now[name] != self._untouched[name]))

    def refusals(self) -> int:
        """How many refusals the audit trail holds."""
        count: int = self.runner.run(self.connection.fetchval(_REFUSALS))
        return count

    def acts_of(self, request_id: str) -> str:
        """The administrative acts that one request left in the audit trail."""
        rows = self.runner.run(self.connection.fetch(_ACTS, request_id))
        return "+".join(sorted({row[0] for row in rows})) or "-"

    def keep(self) -> None:
        """Remember everything as it is now."""
        self._untouched = self.runner.run(self._kept())
        shutil.copytree(self._blobs(), self.folder / "kept")

    def put_back(self) -> None:
        """Everything as it was. Whatever the gateway is writing meanwhile goes first."""
        wait_until(self._are_rows_back, seconds=20, what="the gateway to let everything go")
        shutil.rmtree(self._blobs())
        shutil.copytree(self.folder / "kept", self._blobs())

    def _are_rows_back(self) -> bool:
        try:
            self.runner.run(self._rows_back())
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            return False
        return True

    async def _rows_back(self) -> None:
        async with self.connection.transaction():
            await self.connection.execute(_PUT_BACK)

    async def _kept(self) -> dict[str, str]:
        # One moment for both: what a gateway writes between them could never be put back.
        async with self.connection.transaction(isolation="repeatable_read"):
            await self.connection.execute(_KEEP)
            return await self._prints()

    async def _prints(self) -> dict[str, str]:
        """A print of every table but those beside, and one of the names of all blobs."""
        rows = await self.connection.fetch(_PRINTS)
        blobs = sorted(path.name for path in self._blobs().rglob("*") if path.is_file())
        return {row["name"]: row["print"] for row in rows} | {"blobs": " ".join(blobs)}

    def _blobs(self) -> Path:
        return self.folder / "blobs"
