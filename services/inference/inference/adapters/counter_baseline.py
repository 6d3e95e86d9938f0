"""Where our share of a server's counters begins: others may have used it before we came."""

import asyncio
import logging
import secrets
import time

from contracts.engines import Tokens
from contracts.errors import StoreError
from inference.adapters.engine_metrics import MetricsPage
from inference.adapters.openai_client import OpenAiClient
from inference.errors import EngineUnavailable
from inference.ports import EngineCount

log = logging.getLogger(__name__)


class Baseline:
    """The counters as they stood before our first call. A server that started later began at 0."""

    def __init__(self, client: OpenAiClient) -> None:
        self._client = client
        self._process = secrets.token_hex(4)  # what we did for our own sake is known to us alone
        self._started = time.time()
        self._is_tried = False
        self._trying = asyncio.Lock()
        self._before: MetricsPage | None = None
        self._last: MetricsPage | None = None
        self._since = 0.0

    async def take(self) -> None:
        """Note the counters, once, before the first call. What fails here fails no call."""
        async with self._trying:
            if not self._is_tried:
                self._is_tried = await self._has_tried()

    async def count(self) -> EngineCount:
        """What was counted since then. Raises StoreError."""
        await self.take()
        page = await self._client.metrics()
        if self._before is None or _has_restarted(self._last or self._before, page):
            # Unknown or gone is what stood there before: from here on it is known.
            self._before, self._since = self._begun_anew(page)
        before, self._last = self._before, page
        return EngineCount(
            boot=f"{self._process}-{before.begun or 0:.3f}-{self._since:.3f}",
            since=self._since,
            counted=page.counted - before.counted,
            own=self._client.own.total(self._since),
            counts_cached=page.counts_cached,
        )

    async def _has_tried(self) -> bool:
        try:
            self._before, self._since = await self._client.metrics(), time.time()
        except EngineUnavailable:
            return False  # it may still come, and then it counts from zero
        except StoreError as error:
            log.info("an engine's counters begin unknown: %s", error.message)
        return True

    def _begun_anew(self, page: MetricsPage) -> tuple[MetricsPage, float]:
        if page.begun is not None and page.begun >= (self._since or self._started):
            return MetricsPage(Tokens(), page.begun, page.counts_cached), page.begun
        return page, time.time()


def _has_restarted(before: MetricsPage, page: MetricsPage) -> bool:
    gone = page.counted - before.counted
    is_less = min(gone.input_tokens, gone.cached_tokens, gone.output_tokens) < 0
    return is_less or page.begun != before.begun
