"""A process of its own that makes calls at once: `python -m … URL NAME CALLS`.

Prints how many were refused. Every call that was not is settled, having used all it could.
"""

import asyncio
import sys

from gateway.budgets.errors import BudgetReached
from gateway.db import Database
from gateway.reservations.service.reserving import ReservationService
from tests.unit.gateway_money.purse import UTC, ended, planned


async def spent(url: str, name: str, calls: int) -> int:
    database = Database(url, pool_size=5)
    reservations = ReservationService(database, UTC)

    async def call(number: int) -> bool:
        request_id = f"{name}-{number}"
        try:
            await reservations.reserve(planned(request_id))
        except BudgetReached:
            return False
        await reservations.settle(ended(request_id))
        return True

    made = await asyncio.gather(*(call(number) for number in range(calls)))
    await database.close()
    return made.count(False)


if __name__ == "__main__":
    sys.stdout.write(str(asyncio.run(spent(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
