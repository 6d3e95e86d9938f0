"""The Celery app: every task handled and bounded, JSON only, no model in parent or beat."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads, prepare_accept_content
from pydantic import RedisDsn, SecretStr

from contracts.tasks import INGEST_QUEUE, TASKS, TaskMessage
from ingest.settings import IngestSettings
from ingest.tasks import countdown_seconds, plans
from runtime.settings import SharedSettings

SECRET = "a service secret that only tests know"
GOOD = {"STOA_REDIS_URL": "redis://127.0.0.1:1/0", "STOA_SERVICE_SECRET": SECRET}


def _python(
    code: str, environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment | path,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Celery:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    from ingest.worker import make_app

    shared = SharedSettings(
        redis_url=RedisDsn(GOOD["STOA_REDIS_URL"]), service_secret=SecretStr(SECRET)
    )
    return make_app(shared, IngestSettings())


def test_every_task_has_a_plan_and_every_plan_a_task() -> None:
    assert {plan.message for plan in plans(IngestSettings())} == set(TASKS)


@pytest.mark.parametrize("message", TASKS, ids=lambda message: message.name)
def test_every_task_is_registered_with_limits_and_an_expiry(
    app: Celery, message: type[TaskMessage]
) -> None:
    task = app.tasks[message.name]

    assert 0 < (task.soft_time_limit or 0) < (task.time_limit or 0)
    assert task.expires == message.expires_seconds


def test_only_json_is_accepted(app: Celery) -> None:
    assert list(app.conf.accept_content) == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.result_backend is None


def test_a_killed_child_gives_its_message_back_and_takes_one_at_a_time(app: Celery) -> None:
    conf = app.conf

    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert (conf.worker_prefetch_multiplier, conf.worker_concurrency) == (1, 1)


def test_a_message_is_not_handed_out_again_while_its_task_may_still_run(app: Celery) -> None:
    longest = max(app.tasks[message.name].time_limit or 0 for message in TASKS)

    assert app.conf.broker_transport_options["visibility_timeout"] > longest


def test_every_queue_is_drained(app: Celery) -> None:
    assert {queue.name for queue in app.conf.task_queues} == {message.queue for message in TASKS}
    assert app.conf.beat_schedule["sweep-jobs"]["options"]["queue"] == INGEST_QUEUE


def test_importing_the_worker_loads_no_model_code(tmp_path: Path) -> None:
    code = (
        "import sys, ingest.worker; "
        "print([name for name in ('embedding', 'torch', 'spacy', 'lxml') if name in sys.modules])"
    )
    done = _python(code, GOOD, tmp_path)

    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"STOA_REDIS_URL": None}, "set STOA_REDIS_URL"),
        ({"STOA_SERVICE_SECRET": None}, "set STOA_SERVICE_SECRET_FILE"),
        ({"INGEST_EMBEDDING_PATH": "/nowhere"}, "INGEST_EMBEDDING_PATH: there is no folder"),
        ({"INGEST_SPACY_PATH": "/nowhere"}, "INGEST_SPACY_PATH: there is no folder"),
        ({"INGEST_LIMITS__BATCH_PASSAGES": "0"}, "INGEST_LIMITS__BATCH_PASSAGES: "),
        ({"INGEST_JAIL__MEMORY_BYTES": "much"}, "INGEST_JAIL__MEMORY_BYTES: "),
        ({"INGEST_GATEWAY_URL": "gateway"}, "INGEST_GATEWAY_URL: "),
    ],
)
def test_a_bad_configuration_is_one_sentence_and_exit_code_two(
    tmp_path: Path, changes: dict[str, str | None], sentence: str
) -> None:
    environment = {name: value for name, value in (GOOD | changes).items() if value is not None}
    done = _python("import ingest.worker", environment, tmp_path)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr


@pytest.mark.parametrize("retries", range(12))
def test_retries_are_spread_and_never_far_apart(retries: int) -> None:
    assert 1 <= countdown_seconds(retries) <= 60


def test_a_pickled_message_is_refused_unread(app: Celery) -> None:
    pickled, accepted = b"cos\nsystem\n.", prepare_accept_content(app.conf.accept_content)
    with pytest.raises(ContentDisallowed):
        loads(pickled, "application/x-python-serialize", "binary", accept=accepted)

    assert loads('{"a": 1}', "application/json", "utf-8", accept=accepted) == {"a": 1}
