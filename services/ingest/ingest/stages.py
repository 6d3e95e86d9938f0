"""Times the stages of a document, for metrics and traces."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from contracts.jobs import Stage
from ingest.metrics import measured
from runtime import telemetry


@contextmanager
def staged(stage: Stage) -> Iterator[None]:
    """Everything inside belongs to this stage; only what succeeds is measured."""
    started = time.perf_counter()
    with telemetry.span(stage.value):
        yield
    measured("stage_seconds", stage.value, value=time.perf_counter() - started)
