"""One handler for each task message, with its limits. Handlers get ids, nothing else."""

import logging
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from celery import Celery, Task

from contracts.errors import StoreError
from contracts.tasks import IngestDocument, PurgeVersion, SweepJobs, TaskMessage
from ingest.patience import will_pass
from ingest.settings import IngestSettings
from runtime.settings import SharedSettings

if TYPE_CHECKING:  # the pipeline imports `embedding`, which Celery's parent and beat must not
    from ingest.pipeline import Pipeline

log = logging.getLogger(__name__)

_LONGEST_COUNTDOWN_SECONDS = 60
_SOFT_GRACE_SECONDS = 60  # the pipeline's own deadline comes first and says more
_HARD_GRACE_SECONDS = 60
_ERRAND_SECONDS = 300


@dataclass(frozen=True)
class TaskPlan:
    """How one kind of message is handled. Redelivery is expected: every handler may run twice."""

    message: type[TaskMessage]
    run: Callable[["Pipeline", dict[str, Any]], None]
    soft_seconds: float
    max_retries: int

    @property
    def hard_seconds(self) -> float:
        """When the pool child is killed."""
        return self.soft_seconds + _HARD_GRACE_SECONDS


def plans(settings: IngestSettings) -> tuple[TaskPlan, ...]:
    """All there is to do. A guard test holds this against `contracts.tasks.TASKS`."""
    document_seconds = settings.limits.deadline_seconds + _SOFT_GRACE_SECONDS
    return (
        TaskPlan(IngestDocument, _ingest, document_seconds, max_retries=8),
        TaskPlan(PurgeVersion, _purge, _ERRAND_SECONDS, max_retries=8),
        # Beat sends the next one soon enough.
        TaskPlan(SweepJobs, _sweep, _ERRAND_SECONDS, max_retries=0),
    )


def register(app: Celery, shared: SharedSettings, settings: IngestSettings) -> None:
    """Make the handlers known to Celery under the names of their messages."""
    connections = ExitStack()  # open as long as the pool child lives

    @cache
    def pipeline() -> "Pipeline":
        from ingest.wiring import wire

        return connections.enter_context(wire(shared, settings))

    for plan in plans(settings):
        app.task(
            name=plan.message.name,
            bind=True,
            shared=False,  # else another app of the same process would get these handlers
            soft_time_limit=int(plan.soft_seconds),
            time_limit=int(plan.hard_seconds),
            expires=plan.message.expires_seconds,
            max_retries=plan.max_retries,
        )(_handler(plan, pipeline))


def countdown_seconds(retries: int) -> float:
    """Growing pauses, spread so that waiting tasks do not come back all at once."""
    longest = min(_LONGEST_COUNTDOWN_SECONDS, 2.0 ** (retries + 1))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing


def _handler(plan: TaskPlan, pipeline: Callable[[], "Pipeline"]) -> Callable[..., None]:
    def handle(task: Task[..., None], **payload: Any) -> None:
        try:
            plan.run(pipeline(), payload)
        except StoreError as error:
            if not will_pass(error):
                log.error("%s was refused: %s", plan.message.name, error.message)
            elif task.request.retries >= plan.max_retries:
                # The gateway still has the job in its table; its sweep sends it again.
                log.warning("%s gave up for now: %s", plan.message.name, error.message)
            else:
                raise task.retry(countdown=countdown_seconds(task.request.retries)) from None

    handle.__name__ = plan.message.name.replace(".", "_")
    return handle


def _ingest(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    pipeline.ingest(IngestDocument.model_validate(payload).document_version_id)


def _purge(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    pipeline.purge(PurgeVersion.model_validate(payload).document_version_id)


def _sweep(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    SweepJobs.model_validate(payload)
    result = pipeline.sweep()
    if result.requeued or result.failed:
        log.info("sweep: %d queued again, %d given up", result.requeued, result.failed)
