"""Money for ten calls, and two hundred calls at once from four processes."""

import asyncio
import os
import subprocess
import sys

from tests.unit.gateway_money.purse import MOST_PICO, Books, Purse

PROCESSES, CALLS, PAID = 4, 50, 10


async def test_of_two_hundred_calls_at_once_only_the_ten_that_are_paid_for_are_made(
    purse: Purse,
) -> None:
    await purse.allow(PAID * MOST_PICO)
    command = [sys.executable, "-m", "tests.unit.gateway_money.spender", purse.url]
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    spenders = [
        await asyncio.create_subprocess_exec(
            *command, f"p{number}", str(CALLS), env=environment, stdout=subprocess.PIPE
        )
        for number in range(PROCESSES)
    ]
    said = await asyncio.gather(*(each.communicate() for each in spenders))
    refused = sum(int(out) for out, _ in said)

    assert [each.returncode for each in spenders] == [0] * PROCESSES
    assert refused == PROCESSES * CALLS - PAID
    assert await purse.books() == Books(PAID * MOST_PICO, PAID, PAID * MOST_PICO, 0, 0)
