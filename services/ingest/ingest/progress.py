"""Telling the gateway how far a document is. Each report also renews the lease."""

import logging
import time
from collections.abc import Callable

from contracts.clients.jobs import JobsClient
from contracts.errors import StoreError
from contracts.jobs import Job, ProgressReport, Stage
from ingest.errors import TookTooLong
from ingest.patience import will_pass

log = logging.getLogger(__name__)

_BEATS_PER_LEASE = 4


class Progress:
    """The reports of one job. A lost lease raises out of every method, and ends the work."""

    def __init__(
        self,
        jobs: JobsClient,
        job: Job,
        deadline_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._job = job
        self._clock = clock
        self._deadline = clock() + deadline_seconds
        self._deadline_seconds = deadline_seconds
        self._beat_seconds = job.lease_seconds / _BEATS_PER_LEASE
        self._sent_at = clock()
        self._last = ProgressReport(fence=job.fence, stage=Stage.PARSING, done=0, total=1)

    def report(self, stage: Stage, done: int, total: int) -> None:
        """Say where the work is."""
        self._last = ProgressReport(fence=self._job.fence, stage=stage, done=done, total=total)
        self._send()

    def beat(self) -> None:
        """Repeat the last report when the lease is a quarter used; else do nothing."""
        if self._clock() > self._deadline:
            raise TookTooLong(
                f"Reading the document took longer than {self._deadline_seconds:g} seconds."
            )
        if self._clock() - self._sent_at >= self._beat_seconds:
            self._send()

    def _send(self) -> None:
        self._sent_at = self._clock()
        try:
            self._jobs.report(self._job.document_version_id, self._last)
        except StoreError as error:
            # A gateway that is away for a moment forgives a missing report; a lost lease does not.
            if not will_pass(error):
                raise
            log.info("a progress report was not taken: %s", error.message)
