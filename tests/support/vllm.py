"""A real vLLM for tests: the launcher's own command, out of `.venv-vllm`, on a random port.

    with running_vllm(window_tokens=256, slots=2) as server:   # 20 to 60 s
        server.address, server.key_file
        server.count("num_requests_running")

The model is the 0.5B of all tests, turned into vLLM's folder once (a minute) and kept beside it.
"""

import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from laptop import vllm
from laptop.lifeline import kill_session, spawn
from laptop.models import entry_named
from laptop.models.settings import REPOSITORY
from laptop.models.transformers_folder import Recipe, transformers_folder
from laptop.process_table import members
from laptop.settings import inherited_environment
from tests.support.engines import free_port
from tests.support.models import CHAT_MODEL, chat_model_path, models_home
from tests.support.waiting import wait_until

START_SECONDS = 420.0  # three processes that import torch, on two cores that others use


def vllm_model_path() -> Path:
    """The chat model as vLLM reads it."""
    recipe = Recipe(vllm.vllm_python(REPOSITORY), vllm.dtype_here())
    return transformers_folder(entry_named(CHAT_MODEL), chat_model_path(), models_home(), recipe)


class RunningVllm:
    """One server, which may be killed and started again on its port."""

    def __init__(self, server: vllm.VllmServer, folder: Path) -> None:
        self._server = server
        self._log = folder / "vllm.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.key_file = folder / "key"
        self.key_file.write_text(server.api_key)
        self.address = f"http://127.0.0.1:{server.port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server was never started"
        return self._process

    def start(self) -> None:
        environment = self._server.environment(inherited_environment())
        self._process = spawn(
            list(self._server.command()),
            self._log,
            death_signal=vllm.STOP_SIGNAL,
            environment=environment,
        )
        wait_until(
            lambda: self._is_healthy() or self.process.poll() is not None,
            seconds=START_SECONDS,
            what="vLLM to load its model",
        )
        assert self.process.poll() is None, self._log.read_text()[-3_000:]

    def clear_away(self) -> None:
        kill_session(self.process)

    def pids(self) -> list[int]:
        """All processes of the server."""
        return members("of nobody", [self.process.pid])

    def pid_of(self, title: str) -> int:
        """The process that calls itself so."""
        return next(pid for pid in self.pids() if title in Path(f"/proc/{pid}/cmdline").read_text())

    def count(self, name: str) -> float:
        """One of its own counters or gauges, summed over labels."""
        text = httpx2.get(f"{self.address}/metrics", timeout=30).text
        found = re.findall(rf"^vllm:{name}{{.*}} (\S+)$", text, re.MULTILINE)
        assert found, f"vLLM has no {name}"
        return sum(map(float, found))

    def _is_healthy(self) -> bool:
        try:
            return httpx2.get(f"{self.address}/health", timeout=5).is_success
        except httpx2.HTTPError:
            return False


@contextmanager
def running_vllm(window_tokens: int, slots: int) -> Iterator[RunningVllm]:
    with tempfile.TemporaryDirectory(prefix="stoa-vllm-") as folder:
        server = vllm.VllmServer(
            python=vllm.vllm_python(REPOSITORY),
            folder=vllm_model_path(),
            model=CHAT_MODEL,
            port=free_port(),
            api_key=secrets.token_urlsafe(16),
            scratch=Path(folder) / "scratch",
            window_tokens=window_tokens,
            slots=slots,
        )
        running = RunningVllm(server, Path(folder))
        try:
            running.start()
            yield running
        finally:
            running.clear_away()
