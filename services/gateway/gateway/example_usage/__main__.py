"""`python -m gateway.example_usage`: a believable month of usage, to look at.

For trial installations only: the ledger is append-only, so nothing takes these rows out again.
They are known by request ids that begin with `example_`, and by the engine `example`.
"""

import argparse
import asyncio
import sys
import time

from contracts.errors import StoreError
from gateway.db import Database
from gateway.example_usage.service import ExampleUsage, Wanted
from gateway.settings import Settings
from gateway.starting import settings_or_exit


async def write(settings: Settings, wanted: Wanted) -> int:
    """Write them into the database of these settings; returns how many."""
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    try:
        return await ExampleUsage(database).write(wanted, _say)
    finally:
        await database.close()


def main() -> int:
    """Write them, or say in one sentence why not."""
    parser = argparse.ArgumentParser(prog="make seed-usage", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7, help="the same seed, the same month")
    parser.add_argument("--two-currencies", action="store_true")
    parser.add_argument("--yes", action="store_true", help="even when the ledger has rows")
    given = parser.parse_args()
    currencies = ("USD", "EUR") if given.two_currencies else ("USD",)
    wanted = Wanted(rows=given.rows, currencies=currencies, seed=given.seed, is_sure=given.yes)
    began = time.monotonic()
    try:
        written = asyncio.run(write(settings_or_exit("gateway.example_usage"), wanted))
    except StoreError as reason:
        sys.stderr.write(f"{reason.message}\n")
        return 1
    _say(f"{written} rows in {time.monotonic() - began:.0f} s.")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
