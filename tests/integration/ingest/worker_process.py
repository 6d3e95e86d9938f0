"""A real Celery worker or beat as the launcher starts it, on a real Valkey."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from celery import Celery

from contracts.tasks import TaskMessage
from tests.support.models import spacy_model_path
from tests.support.neighbours import SECRET
from tests.support.waiting import wait_until

START_SECONDS = 90
STOP_SECONDS = 30


class Addressed(Protocol):
    """A neighbour, real or a stand-in."""

    @property
    def address(self) -> str: ...


class Ingest:
    """Starts processes of this service and sends them messages."""

    def __init__(self, broker: str, gateway: Addressed, index: Addressed, folder: Path) -> None:
        self._sender = Celery(broker=broker, set_as_current=False)
        self._folder = folder
        self._environment = {
            "PATH": os.defpath,
            "STOA_HOME": str(folder),
            "STOA_REDIS_URL": broker,
            "STOA_SERVICE_SECRET": SECRET,
            "INGEST_GATEWAY_URL": gateway.address,
            "INGEST_RETRIEVAL_URL": index.address,
            "INGEST_EMBEDDING_PATH": "hashing",
            "INGEST_SPACY_PATH": str(spacy_model_path()),
            "INGEST_SWEEP_SECONDS": "0.5",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }

    def send(self, message: TaskMessage) -> None:
        """Queue a message as the gateway's relay does."""
        self._sender.send_task(
            message.name,
            kwargs=message.model_dump(),
            queue=message.queue,
            expires=message.expires_seconds,
            ignore_result=True,
        )

    @contextmanager
    def worker(self, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker that has said it is ready."""
        words = ("worker", "--concurrency=1", "--queues=ingest", "--loglevel=INFO")
        with self._running("worker", words, settings) as process:
            wait_until(
                lambda: " ready." in self.log("worker") or process.poll() is not None,
                seconds=START_SECONDS,
                what="the worker to be ready",
            )
            assert process.poll() is None, self.log("worker")
            yield process

    @contextmanager
    def beat(self) -> Iterator[subprocess.Popen[bytes]]:
        """The clock."""
        schedule = f"--schedule={self._folder / 'schedule'}"
        with self._running(
            "beat", ("beat", schedule, "--pidfile=", "--loglevel=INFO"), {}
        ) as process:
            yield process

    def log(self, name: str) -> str:
        """What a process has written."""
        return (self._folder / f"{name}.log").read_text()

    @contextmanager
    def _running(
        self, name: str, words: tuple[str, ...], settings: dict[str, str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        with (self._folder / f"{name}.log").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "ingest.worker", *words],
                env=self._environment | settings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def children_of(pid: int) -> list[int]:
    """The living children of a process."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in found.split()]


def mapped_files(pid: int) -> str:
    """Names of all libraries a process has loaded."""
    return Path(f"/proc/{pid}/maps").read_text()


def is_alive(pid: int) -> bool:
    """Running: neither gone nor a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
