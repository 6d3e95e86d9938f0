"""The whole of Stoa on real engines, started by the launcher as `make up` starts it.

    with running_stack() as stack:   # 10 to 20 s with the models already fetched
        stack.web, stack.gateway     # addresses
        stack.claim_link             # the one-time link the launcher printed

Ports are shifted, state is in a temporary folder, the models are those of tests/support/models.py.
"""

import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from laptop.places import FIRST_PORTS
from laptop.settings import inherited_environment
from tests.support.engines import free_port
from tests.support.models import chat_model_path, embedding_model_path, models_home
from tests.support.waiting import wait_until

READY_SECONDS = 180
STOP_SECONDS = 30
EMAIL, PASSWORD = "olivia@example.org", "colonnade-in-the-shade"
_LINK = re.compile(r"Claim the operator's account, once: (\S+)")


@dataclass(frozen=True)
class Stack:
    """A running installation."""

    home: Path
    web: str
    gateway: str
    claim_link: str
    launcher: subprocess.Popen[str]

    def log(self, name: str) -> str:
        return (self.home / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def last_words(self, lines: int = 40) -> str:
        """The end of every process's log."""
        logs = sorted((self.home / "logs").glob("*.log"))
        ends = [(path.stem, self.log(path.stem).splitlines()[-lines:]) for path in logs]
        return "\n".join(f"--- {name}\n" + "\n".join(said) for name, said in ends)


@contextmanager
def running_stack(
    extra: Mapping[str, str] | None = None, ready_seconds: float = READY_SECONDS
) -> Iterator[Stack]:
    """Start, wait until all is ready, stop. `extra` goes into the environment."""
    embedding_model_path()
    chat_model_path()
    with tempfile.TemporaryDirectory(prefix="stoa-stack-") as folder:
        home = Path(folder) / "var"
        home.mkdir()
        (home / "models").symlink_to(models_home() / "models")
        offset = _free_offset()
        output = Path(folder) / "launcher.out"
        environment = {
            **inherited_environment(),
            "STOA_HOME": str(home),
            "STOA_PORT_OFFSET": str(offset),
            **(extra or {}),
        }
        with output.open("w", encoding="utf-8") as out:
            launcher = subprocess.Popen(
                [sys.executable, "-m", "laptop", "up"],
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
            )
        try:
            wait_until(
                lambda: "Stoa is ready" in _read(output) or launcher.poll() is not None,
                seconds=ready_seconds,
                what="Stoa to be ready",
            )
            wait_until(
                lambda: _LINK.search(_read(output)) or launcher.poll() is not None,
                seconds=30,
                what="the claim link",
            )
            link = _LINK.search(_read(output))
            assert link is not None, _read(output)
            yield Stack(
                home=home,
                web=f"http://127.0.0.1:{FIRST_PORTS['web'] + offset}",
                gateway=f"http://127.0.0.1:{FIRST_PORTS['gateway'] + offset}",
                claim_link=link.group(1),
                launcher=launcher,
            )
        finally:
            launcher.send_signal(signal.SIGINT)
            try:
                launcher.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                launcher.kill()
                launcher.wait()


def claim(stack: Stack) -> str:
    """Take the operator's account over the API; the session token."""
    token = stack.claim_link.partition("token=")[2]
    answer = httpx2.post(
        f"{stack.gateway}/v1/accounts/claim",
        json={"token": token, "email": EMAIL, "name": "Olivia", "password": PASSWORD},
        timeout=30,
    )
    assert answer.is_success, answer.text
    return str(answer.json()["token"])


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _free_offset() -> int:
    """An offset at which no port of an installation is taken."""
    while True:
        offset = free_port() % 9_000 + 1_000
        if all(_is_free(port + offset) for port in FIRST_PORTS.values()):
            return offset


def _is_free(port: int) -> bool:
    if port > 65_535:
        return False
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
