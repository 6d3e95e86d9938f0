"""Stoa's own processes as an operator starts them, on the simulator and the hashing embedder.

    with postgres_server() as postgres, valkey_server() as valkey:
        with running_five(folder, postgres.address(), valkey.address()) as five:
            five.web, five.gateway            # addresses
            five.lines("worker")              # its log, parsed

Each writes its log to a file of its own name in `folder`.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from runtime.outgoing import known_authorities
from tests.support.engines import free_port
from tests.support.waiting import wait_until

SECRET = "0123456789 a service secret that only tests know"
EMAIL, PASSWORD = "olivia@example.org", "colonnade-in-the-shade"
START_SECONDS = 60
STOP_SECONDS = 40
WEB_MODULES = ("inference", "retrieval", "gateway", "web")


@dataclass
class Five:
    """Running processes: name -> process, and where they listen."""

    folder: Path
    ports: dict[str, int]
    environment: dict[str, str]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The log's lines; each must be a JSON object."""
        found = [json.loads(line) for line in self.log(name).splitlines() if line.startswith("{")]
        assert all(isinstance(line, dict) for line in found)
        return found

    def session(self) -> httpx2.Client:
        """The operator's own session at the gateway."""
        answer = httpx2.post(
            f"{self.address('gateway')}/v1/sessions",
            json={"email": EMAIL, "password": PASSWORD},
            timeout=30,
        )
        assert answer.is_success, answer.text
        headers = {"authorization": f"Bearer {answer.json()['token']}"}
        return httpx2.Client(
            base_url=self.address("gateway"),
            headers=headers,
            timeout=60,
            verify=known_authorities(),
        )

    def start(self, name: str, *command: str, **changes: str) -> "subprocess.Popen[bytes]":
        """Start a process in the background."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=self.environment | changes,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes[name] = process
        return process

    def wait_ready(self, *names: str) -> None:
        for name in names:
            wait_until(
                lambda name=name: self._is_ready(name),  # type: ignore[misc]  # bound at once
                seconds=START_SECONDS,
                what=f"{name} to be ready",
            )

    def stop(self, name: str) -> int:
        """Ask a process to end, and wait for it. Its exit status."""
        process = self.processes[name]
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _is_ready(self, name: str) -> bool:
        assert self.processes[name].poll() is None, self.log(name)
        if name not in self.ports:
            return " ready." in self.log(name)
        try:
            path = "/health/ready" if name == "gateway" else "/health/live"
            return httpx2.get(self.address(name) + path, timeout=10).is_success
        except httpx2.HTTPError:
            return False


def operate_environment(
    folder: Path, database_url: str, redis_url: str, ports: Mapping[str, int]
) -> dict[str, str]:
    """What every process gets; each reads its own."""
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": "1",
        "STOA_HOME": str(folder),
        "STOA_REDIS_URL": redis_url,
        "STOA_SERVICE_SECRET": SECRET,
        "STOA_ADMIN_EMAIL": EMAIL,
        "STOA_ADMIN_PASSWORD": PASSWORD,
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_BLOBS_URL": f"file://{folder / 'blobs'}",
        "GATEWAY_DEFAULT_MODEL": "simulator",
        "GATEWAY_RETRIEVAL_URL": addresses["retrieval"],
        "GATEWAY_INFERENCE_URL": addresses["inference"],
        "INFERENCE_ENGINES": json.dumps([{"kind": "simulator"}]),
        "RETRIEVAL_EMBEDDING_PATH": "hashing",
        "RETRIEVAL_INDEX_PATH": str(folder / "index"),
        "INGEST_EMBEDDING_PATH": "hashing",
        "INGEST_GATEWAY_URL": addresses["gateway"],
        "INGEST_RETRIEVAL_URL": addresses["retrieval"],
        "WEB_GATEWAY_URL": addresses["gateway"],
        **{f"{name.upper()}_PORT": str(ports[name]) for name in WEB_MODULES},
    }


@contextmanager
def prepared_five(folder: Path, database_url: str, redis_url: str, **extra: str) -> Iterator[Five]:
    """Nothing runs yet, and nothing is left at the end."""
    ports = {name: free_port() for name in WEB_MODULES}
    environment = operate_environment(folder, database_url, redis_url, ports) | extra
    five = Five(folder, ports, environment)
    with ExitStack() as ending:
        ending.callback(lambda: [five.stop(name) for name in reversed(list(five.processes))])
        yield five


@contextmanager
def running_five(folder: Path, database_url: str, redis_url: str, **extra: str) -> Iterator[Five]:
    """All of them, ready; the database is migrated already."""
    with prepared_five(folder, database_url, redis_url, **extra) as five:
        for name in WEB_MODULES:
            five.start(name, name)
        words = ("worker", "--concurrency=1", "--queues=ingest", "--loglevel=INFO")
        five.start("worker", "celery", "-A", "ingest.worker", *words)
        five.wait_ready(*WEB_MODULES, "worker")
        yield five
