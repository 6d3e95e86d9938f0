"""Writes the month into the ledger. No budget and no limit is charged for it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.example_usage.errors import LedgerInUse, NobodyThere
from gateway.example_usage.repository import CastRepository
from gateway.example_usage.rules import calls
from gateway.usage.repository import LedgerRepository

_AT_ONCE = 500
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """How much of what. is_sure: though the ledger has rows, which nothing takes out again."""

    rows: int = 20_000
    currencies: tuple[str, ...] = ("USD",)
    seed: int = 7
    is_sure: bool = False


class ExampleUsage:
    """Makes a month to look at."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def write(self, wanted: Wanted, say: Say) -> int:
        """Add the rows; returns how many. Raises LedgerInUse, NobodyThere."""
        async with self._database.transaction() as tx:
            repository = CastRepository(tx)
            real, examples = await repository.ledger_rows()
            casts = await repository.casts()
        if not casts:
            raise NobodyThere("There is no workspace with members yet: `make seed` makes one.")
        if (real or examples) and not wanted.is_sure:
            raise LedgerInUse(
                f"The ledger has {real} rows and {examples} examples. Nothing takes a row out of"
                " it again: say SURE=1 if this installation is for trying."
            )
        written = 0
        month = calls(casts, wanted.rows, self._clock(), wanted.currencies, wanted.seed)
        while some := list(islice(month, _AT_ONCE)):
            async with self._database.transaction() as tx:
                ledger = LedgerRepository(tx)
                for row in some:
                    await ledger.append(row)
            written += len(some)
            say(f"{written} of {wanted.rows} rows")
        return written
