"""Tasks that outlive a request, held so that they are neither lost nor left running."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """A bounded set of running tasks. `close` gives them a grace, then cancels."""

    def __init__(self, limit: int = 256, grace_seconds: float = 10) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._limit = limit
        self._grace_seconds = grace_seconds

    @property
    def is_full(self) -> bool:
        """No room for another task."""
        return len(self._tasks) >= self._limit

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `work` until it ends. Its failure is logged, never lost."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Wait for what runs, then cancel what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._grace_seconds)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("background task %s failed", task.get_name(), exc_info=task.exception())
