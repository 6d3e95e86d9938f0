"""Calls of libraries that may lose a cancellation."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_to_be_lost() -> Iterator[None]:
    """A cancellation that arrives inside is raised at the end, if nothing inside raised it.

    Before Python 3.12, `asyncio.wait_for` loses one that comes in the moment its work is done, and
    redis-py sends every command through it: the task that was to end would go on for ever.
    """
    task = asyncio.current_task()
    asked = 0 if task is None else task.cancelling()
    yield
    if task is not None and task.cancelling() > asked:
        raise asyncio.CancelledError
