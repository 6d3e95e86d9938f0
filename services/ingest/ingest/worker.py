"""The Celery app of worker and beat: `celery -A ingest.worker worker` and `… beat`.

Delivery is at least once with sharp edges; the truth about a job is the gateway's row with its
lease, and the broker holds nothing that cannot be sent again.
"""

import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

from celery import Celery, signals
from kombu import Queue

from contracts.tasks import INGEST_QUEUE, SweepJobs
from ingest.metrics import TASKS_SENT, count_for_children, serve_metrics
from ingest.parsing.confinement import die_with
from ingest.settings import SERVICE, IngestSettings, load_settings
from ingest.tasks import plans, register
from runtime.broker_probe import broker_probe
from runtime.logs import configure_logs
from runtime.probing import Probe, reach_or_exit, said_if_away
from runtime.settings import SharedSettings
from runtime.starting import CannotStart, refuse
from runtime.telemetry import close_traces, configure_traces

_VISIBILITY_MARGIN_SECONDS = 600
_CHILD_START_SECONDS = 60.0
_MAX_CHILD_KILOBYTES = 4_000_000


def make_app(shared: SharedSettings, settings: IngestSettings) -> Celery:
    """An app for these settings, with every handler registered."""
    app = Celery("ingest", broker=str(shared.redis_url), set_as_current=False)
    app.conf.update(_configuration(settings))
    register(app, shared, settings)
    return app


def _configuration(settings: IngestSettings) -> dict[str, Any]:
    longest_seconds = max(plan.hard_seconds for plan in plans(settings))
    return {
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        "result_backend": None,
        "task_ignore_result": True,
        "task_queues": [Queue(INGEST_QUEUE)],
        "task_default_queue": INGEST_QUEUE,
        "task_create_missing_queues": False,
        # A killed child gives its message back. That cannot loop for ever: the gateway counts
        # attempts when a job is claimed, and refuses the claim when they are used up.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": 1,
        "worker_max_tasks_per_child": settings.limits.tasks_per_child,
        "worker_max_memory_per_child": _MAX_CHILD_KILOBYTES,
        "worker_proc_alive_timeout": _CHILD_START_SECONDS,
        # Nobody steers a worker through the broker: who can write there may only name tasks.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        # A running document survives a restart of the broker; its fence guards against twins.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            # Longer than the longest task, or a running one would be handed out again.
            "visibility_timeout": int(longest_seconds) + _VISIBILITY_MARGIN_SECONDS,
            "socket_keepalive": True,
        },
        "beat_schedule": {
            "sweep-jobs": {
                "task": SweepJobs.name,
                "schedule": settings.sweep_seconds,
                "options": {"queue": SweepJobs.queue, "expires": SweepJobs.expires_seconds},
            }
        },
    }


@signals.setup_logging.connect
def _set_up_logs(**_: Any) -> None:
    configure_logs(SERVICE, _shared.log_level)


@signals.celeryd_init.connect
def _begin_worker(instance: Any, **_: Any) -> None:
    """Before anything is taken from the broker, and before the first fork."""
    instance.quiet = True  # its banner is no log line
    probes: list[Probe] = [
        said_if_away("INGEST_GATEWAY_URL", str(_settings.gateway_url)),
        said_if_away("INGEST_RETRIEVAL_URL", str(_settings.retrieval_url)),
    ]
    _begin(probes)
    if _settings.metrics_port is not None:
        count_for_children()


@signals.beat_init.connect
def _begin_beat(**_: Any) -> None:
    _begin([])


@signals.after_task_publish.connect
def _count_sent(sender: str = "", **_: Any) -> None:
    TASKS_SENT.labels(sender).inc()


def _begin(probes: Sequence[Probe]) -> None:
    broker = [] if _shared.redis_url is None else [broker_probe(_shared.redis_url)]
    reach_or_exit(SERVICE, _shared, [*broker, *probes])
    if _settings.metrics_port is not None:
        try:
            serve_metrics(_settings.metrics_host, _settings.metrics_port)
        except CannotStart as reason:
            refuse(SERVICE, str(reason))


@signals.worker_process_init.connect
def _begin_child(**_: Any) -> None:
    """A worker killed with -9 leaves no child behind that works on."""
    die_with(os.getppid())
    # Not before the fork: a thread sends the spans, and a fork has only one.
    configure_traces(SERVICE, _shared.otlp_url, _shared.otlp_share)


@signals.worker_process_shutdown.connect
def _end_child(**_: Any) -> None:
    close_traces()


@signals.worker_shutting_down.connect
def _bound_the_end(how: str = "", **_: Any) -> None:
    """A warm shutdown waits for the running document for ever; this one until its time is up.

    Then the child is told to hand its document back, and the message goes to another worker.
    """
    if how == "Warm":
        cold = threading.Timer(_shared.stop_seconds, os.kill, (os.getpid(), signal.SIGQUIT))
        cold.daemon = True
        cold.start()


_shared, _settings = load_settings()
app = make_app(_shared, _settings)
