"""One handler for each task message, with its limits. Handlers get ids, nothing else."""

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from celery import Celery, Task

from contracts.errors import StoreError
from contracts.tasks import (
    DrawAvatar,
    IngestDocument,
    PurgeVersion,
    ReindexVersion,
    SweepJobs,
    TaskMessage,
)
from ingest.handing_back import HandedBack, working
from ingest.metrics import measured
from ingest.patience import will_pass
from ingest.settings import IngestSettings
from runtime.carrying import going_on_with
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
        TaskPlan(ReindexVersion, _reindex, document_seconds, max_retries=8),
        TaskPlan(DrawAvatar, _draw_avatar, _ERRAND_SECONDS, max_retries=4),
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
    name = plan.message.name

    def handle(task: Task[..., None], **payload: Any) -> None:
        headers = task.request.headers or {}
        with going_on_with(name, headers), working(), _noted(name) as ending:
            try:
                plan.run(pipeline(), payload)
            except StoreError as error:
                if not will_pass(error):
                    ending.outcome = "refused"
                    log.error("%s was refused: %s", name, error.message)
                elif task.request.retries >= plan.max_retries:
                    # The gateway still has the job in its table; its sweep sends it again.
                    ending.outcome = "given_up"
                    log.warning("%s gave up for now: %s", name, error.message)
                else:
                    ending.outcome = "retried"
                    raise task.retry(countdown=countdown_seconds(task.request.retries)) from None

    handle.__name__ = name.replace(".", "_")
    return handle


@dataclass
class _Ending:
    outcome: str = "done"


@contextmanager
def _noted(task: str) -> Iterator[_Ending]:
    """One line in the log for each task, and its metrics."""
    ending, started = _Ending(), time.perf_counter()
    try:
        yield ending
    except Exception:
        ending.outcome = "failed" if ending.outcome == "done" else ending.outcome
        raise
    except HandedBack:
        ending.outcome = "handed_back"
        # The message was not acknowledged: another worker gets it.
        raise SystemExit(0) from None
    finally:
        seconds = time.perf_counter() - started
        measured("tasks", task, ending.outcome)
        measured("task_seconds", task, value=seconds)
        facts = {
            "task": task,
            "outcome": ending.outcome,
            "duration_ms": round(seconds * 1000, 1),
        }
        # A sweep every few seconds would drown everything else.
        level = logging.DEBUG if task == SweepJobs.name else logging.INFO
        log.log(level, "task", extra={"facts": facts})


def _ingest(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    pipeline.ingest(IngestDocument.model_validate(payload).document_version_id)


def _purge(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    pipeline.purge(PurgeVersion.model_validate(payload).document_version_id)


def _reindex(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    pipeline.reindex(ReindexVersion.model_validate(payload).document_version_id)


def _draw_avatar(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    pipeline.draw_avatar(DrawAvatar.model_validate(payload).avatar_upload_id)


def _sweep(pipeline: "Pipeline", payload: dict[str, Any]) -> None:
    SweepJobs.model_validate(payload)
    result = pipeline.sweep()
    if result.requeued or result.failed:
        log.info("sweep: %d queued again, %d given up", result.requeued, result.failed)
