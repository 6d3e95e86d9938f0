"""What ingest counts. Work is measured in pool children and counted in their parent, which is the
one that can be scraped and outlives them: each child writes what it measured into a pipe.
"""

import json
import logging
import os
import threading
from collections.abc import Callable
from typing import NamedTuple

from prometheus_client import Counter, Histogram, start_http_server

from runtime.metrics import SLOW_SECONDS, MetricSheet
from runtime.starting import CannotStart

log = logging.getLogger(__name__)

_sheet = MetricSheet("ingest")

TASKS = _sheet.counter("stoa_tasks_total", "Tasks handled.", "task", "outcome")
TASK_SECONDS = _sheet.histogram(
    "stoa_task_seconds", "From a task's beginning to its end.", "task", buckets=SLOW_SECONDS
)
TASKS_SENT = _sheet.counter("stoa_tasks_sent_total", "Tasks that beat has sent.", "task")
DOCUMENTS = _sheet.counter(
    "stoa_ingest_documents_total",
    "Document versions that were worked on: ready, failed for good, to be tried again, or taken "
    "over by another worker.",
    "outcome",
)
STAGE_SECONDS = _sheet.histogram(
    "stoa_ingest_stage_seconds", "One stage of one document.", "stage", buckets=SLOW_SECONDS
)
PASSAGES = _sheet.counter("stoa_ingest_passages_total", "Passages of versions that became ready.")
PICTURES = _sheet.counter("stoa_ingest_pictures_total", "Pages whose pictures were stored.")

_BY_NAME: dict[str, Counter | Histogram] = {
    "tasks": TASKS,
    "task_seconds": TASK_SECONDS,
    "documents": DOCUMENTS,
    "stage_seconds": STAGE_SECONDS,
    "passages": PASSAGES,
    "pictures": PICTURES,
}


class Measured(NamedTuple):
    """Something a child has measured."""

    name: str
    labels: tuple[str, ...]
    value: float


def measured(name: str, *labels: str, value: float = 1) -> None:
    """Count or observe, here or in the parent."""
    _report(Measured(name, labels, value))


def _count(found: Measured) -> None:
    metric = _BY_NAME[found.name]
    one = metric.labels(*found.labels) if found.labels else metric
    if isinstance(one, Counter):
        one.inc(found.value)
    else:
        one.observe(found.value)


_report: Callable[[Measured], None] = _count


def serve_metrics(host: str, port: int) -> None:
    """Answer scrapes from a thread of this process. Raises CannotStart."""
    try:
        start_http_server(port, host)
    except OSError as error:
        raise CannotStart(
            f"INGEST_METRICS_PORT: {host}:{port} cannot be listened on ({error.strerror})"
        ) from None


def count_for_children() -> None:
    """Before the fork: from now on whatever is measured goes through a pipe to this process."""
    global _report  # noqa: PLW0603 - a fork inherits modules, not arguments
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def send(found: Measured) -> None:
        try:
            # One line below PIPE_BUF is written whole, whoever else writes.
            os.write(writing, json.dumps(found).encode() + b"\n")
        except BlockingIOError:
            log.warning("a measurement was lost: nobody reads them")

    _report = send
    threading.Thread(target=_read, args=(reading,), name="metrics", daemon=True).start()


def _read(reading: int) -> None:
    with open(reading, encoding="utf-8") as lines:
        for line in lines:
            name, labels, value = json.loads(line)
            _count(Measured(name, tuple(labels), value))
