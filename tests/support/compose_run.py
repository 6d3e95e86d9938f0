"""Services of docker-compose.yml as processes: their command and environment, nothing besides.

What a container would have under other names is replaced by this table, and by nothing else:

| in a container | here |
|---|---|
| `http://<service>:<port>`, and its own `*_PORT` | 127.0.0.1 and a free port |
| `*_HOST: 0.0.0.0` | 127.0.0.1 |
| `/run/secrets`, `/scratch`, `/tmp` | folders of the test (`TMPDIR` names the last one) |
| the volume `models` at `/var/lib/stoa` | the models all tests share |
| files mounted from `infra/` | copies, with the same replacements inside |
| the image's `/app` and its `ENV` | its COPY lines in a folder, and the same variables |
| `python` of the image | the Python of the tests |
"""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from signal import SIGTERM

from laptop.lifeline import kill_session, spawn
from tests.support.compose import ROOT, Service, Stack, dockerfile_of, read_dockerfile
from tests.support.engines import free_port
from tests.support.image_trees import ImageTree
from tests.support.waiting import wait_until

ONE_SHOT_SECONDS = 120
READY_SECONDS = 120


@dataclass
class Run:
    """One service, running."""

    service: Service
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int | None:
        """Its exit status after SIGTERM; None when its grace was too short."""
        grace = str(self.service.given["stop_grace_period"]).removesuffix("s")
        self.process.send_signal(SIGTERM)
        try:
            return self.process.wait(float(grace))
        except subprocess.TimeoutExpired:
            return None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass
class Machine:
    """Where the services of a stack run, and what their names stand for."""

    stack: Stack
    folder: Path
    models: Path
    stores: Mapping[str, int]
    """Service -> port, of those that are not ours."""
    _ports: dict[str, int] = field(default_factory=dict)
    _trees: dict[str, ImageTree] = field(default_factory=dict)

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port(name)}"

    def port(self, name: str) -> int:
        if name in self.stores:
            return self.stores[name]
        return self._ports.setdefault(name, free_port())

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @contextmanager
    def running(self, *names: str) -> Iterator[dict[str, Run]]:
        """Start services side by side, and wait until their own health checks are content."""
        runs: dict[str, Run] = {}
        try:
            for name in names:
                runs[name] = self._start(name)
            for name, run in runs.items():
                wait_until(
                    partial(self._has_decided, run),
                    seconds=READY_SECONDS,
                    what=f"{name} to be healthy",
                )
                assert run.process.poll() is None, run.said()
            yield runs
        finally:
            for run in runs.values():
                kill_session(run.process)

    def run_once(self, name: str) -> Run:
        """Run a one-shot to its end."""
        run = self._start(name)
        run.process.wait(ONE_SHOT_SECONDS)
        return run

    def _has_decided(self, run: Run) -> bool:
        if run.process.poll() is not None:
            return True
        with socket.socket() as probe:  # a health check is a process of its own: not too often
            if probe.connect_ex(("127.0.0.1", self.port(run.service.name))) != 0:
                return False
        return self.is_healthy(run)

    def is_healthy(self, run: Run) -> bool:
        """What compose's health check of this service finds."""
        test = run.service.given["healthcheck"]["test"]
        words = [self._here(run.service, word) for word in test[1:]]
        done = subprocess.run(
            self._executable(words), capture_output=True, timeout=20, check=False, env={}
        )
        return done.returncode == 0

    def _start(self, name: str) -> Run:
        service = self.stack.services[name]
        tree = self._tree(service)
        log = self.folder / f"{name}.log"
        words = [self._here(service, word) for word in service.command]
        process = spawn(
            ["/usr/bin/env", "-C", str(tree.work_folder), *self._executable(words)],
            log,
            death_signal=SIGTERM,
            environment=self._environment(service, tree),
        )
        return Run(service, process, log)

    def _environment(self, service: Service, tree: ImageTree) -> dict[str, str]:
        image = {
            name: value
            for name, value in tree.final.environment.items()
            if name not in ("PATH", "PYTHONPATH")
        }
        given = {
            name: self._own(service, name, self._here(service, value))
            for name, value in service.environment.items()
        }
        places = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": ":".join(tree.python_path()),
            "TMPDIR": str(self._temporary(service)),
        }
        return {**image, **given, **places}

    def _own(self, service: Service, name: str, value: str) -> str:
        if name.endswith("_PORT"):
            return str(self.port(service.name))
        return "127.0.0.1" if name.endswith("_HOST") else value

    def _here(self, service: Service, text: str) -> str:
        """The text with everything replaced that has another name here."""
        for name in self.stack.services:
            text = re.sub(rf"(//|@){name}:\d+", rf"\g<1>127.0.0.1:{self.port(name)}", text)
        # A health check asks its own container; free ports have five digits, ours have four.
        text = re.sub(r"//127\.0\.0\.1:\d{4}/", f"//127.0.0.1:{self.port(service.name)}/", text)
        places = self._places(service)
        path = re.compile("|".join(rf"(?<![\w/]){re.escape(place)}\b" for place in places))
        return path.sub(lambda found: str(places[found[0]]), text)

    def _places(self, service: Service) -> dict[str, Path]:
        """The container's paths that are elsewhere here."""
        mounted = {
            mount.target: self._copied(mount.source)
            for mount in service.mounts
            if mount.source.startswith("./infra")
        }
        temporary = self._temporary(service)
        return {
            **mounted,
            "/run/secrets": self.secrets,
            "/var/lib/stoa": self.models,
            "/scratch": temporary,
            "/tmp": temporary,  # noqa: S108 - the container's
        }

    def _copied(self, source: str) -> Path:
        copy = self.folder / "mounted" / Path(source).name
        copy.parent.mkdir(exist_ok=True)
        text = (ROOT / source).read_text(encoding="utf-8")
        text = text.replace("/run/secrets", str(self.secrets))
        copy.write_text(text.replace("/var/lib/stoa", str(self.models)), encoding="utf-8")
        return copy

    def _temporary(self, service: Service) -> Path:
        folder = self.folder / "temporary" / service.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _executable(self, words: list[str]) -> list[str]:
        return [sys.executable if words[0] == "python" else words[0], *words[1:]]

    def _tree(self, service: Service) -> ImageTree:
        dockerfile = read_dockerfile(ROOT / service.given["build"]["dockerfile"])
        key = str(service.given["build"]["dockerfile"])
        if key not in self._trees:
            self._trees[key] = ImageTree(dockerfile, self.folder / "images" / key.replace("/", "-"))
        tree = self._trees[key]
        assert dockerfile_of(service).copies == tree.final.copies
        return tree
