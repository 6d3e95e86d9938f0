"""Keeps a llama.cpp child running: starts it, watches its health, restarts it with back-off."""

import asyncio
import json
import logging
import os
import secrets
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

import httpx2

from inference.adapters.llamacpp_plan import ServerPlan
from inference.errors import EngineUnavailable
from inference.settings import LlamaCppSettings
from runtime.background import Background

log = logging.getLogger(__name__)

CHILD_MODULE = "inference.adapters.llamacpp_server"
HEALTH_EVERY_SECONDS = 4.0
HEALTH_PATIENCE_SECONDS = 4.0
MISSES_BEFORE_RESTART = 2
STABLE_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0
LINE_BYTES = 1 << 20


class LlamaCppProcess:
    """The child and its address. on_start is called whenever a new child is ready."""

    def __init__(self, settings: LlamaCppSettings, on_start: Callable[[], None]) -> None:
        self.api_key = secrets.token_urlsafe(32)
        self._settings = settings
        self._on_start = on_start
        self._address: str | None = None
        self.ready_at = 0.0
        """When the child that runs had loaded its model, in Unix seconds."""
        self._process: Process | None = None
        self._background = Background(grace_seconds=0)
        self._http = httpx2.AsyncClient(
            timeout=HEALTH_PATIENCE_SECONDS,
            limits=httpx2.Limits(max_keepalive_connections=0),
            trust_env=False,
        )

    @property
    def is_up(self) -> bool:
        """The child has loaded its model and runs."""
        return self._address is not None

    @property
    def pid(self) -> int | None:
        """The child's process id while there is a child."""
        return None if self._process is None else self._process.pid

    def address(self) -> str:
        """Where the child listens. Raises EngineUnavailable while it does not."""
        if self._address is None:
            raise EngineUnavailable(
                "The engine of this model is not running.", retry_after_seconds=2
            )
        return self._address

    def start(self) -> None:
        """Start the child and keep it running until `close`."""
        self._background.start(self._keep_running(), name=f"llama.cpp {self._settings.model}")

    async def close(self) -> None:
        """Kill the child: it keeps nothing that could be lost."""
        await self._background.close()
        await self._http.aclose()

    async def _keep_running(self) -> None:
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            try:
                await self._run_one()
            except OSError:
                log.exception("llama.cpp could not be started")
            if time.monotonic() - started > STABLE_SECONDS:
                pause_seconds = FIRST_PAUSE_SECONDS
            log.warning("llama.cpp is gone; starting it again in %.2f s", pause_seconds)
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)

    async def _run_one(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", CHILD_MODULE, stdin=PIPE, stdout=PIPE, stderr=PIPE,
            limit=LINE_BYTES,
        )  # fmt: skip
        self._process = process
        async with asyncio.TaskGroup() as group:
            group.create_task(_log_lines(process))
            try:
                await self._use(process)
            finally:
                self._address = None
                await _kill(process)
                self._process = None

    async def _use(self, process: Process) -> None:
        started = time.monotonic()
        self._address = await self._ready_address(process)
        if self._address is None:
            return
        self.ready_at = time.time()
        self._on_start()
        log.info(
            "llama.cpp serves %s after %.1f s", self._settings.model, time.monotonic() - started
        )
        await self._until_unwell(process)

    async def _ready_address(self, process: Process) -> str | None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the child was started without pipes")
        try:
            async with asyncio.timeout(self._settings.start_seconds):
                # Standard input stays open: when it ends, the child knows its parent is gone.
                process.stdin.write(self._plan().model_dump_json().encode() + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
        except (TimeoutError, ConnectionError):
            line = b""
        if not line:
            log.error("llama.cpp did not load %s", self._settings.model)
            return None
        address: str = json.loads(line)["address"]
        return address

    async def _until_unwell(self, process: Process) -> None:
        misses = 0
        while misses < MISSES_BEFORE_RESTART:
            try:
                async with asyncio.timeout(HEALTH_EVERY_SECONDS):
                    code = await process.wait()
                log.error("llama.cpp ended with code %d", code)
                return
            except TimeoutError:
                misses = 0 if await self._is_well() else misses + 1
        log.error("llama.cpp does not answer its health check; killing it")

    async def _is_well(self) -> bool:
        try:
            return (await self._http.get(f"{self._address}/health")).is_success
        except httpx2.HTTPError:
            return False

    def _plan(self) -> ServerPlan:
        settings = self._settings
        return ServerPlan(
            path=settings.path,
            model=settings.model,
            port=settings.port,
            api_key=self.api_key,
            window_tokens=settings.window_tokens,
            slots=settings.slots,
            prompt_threads=settings.thread_count,
            answer_threads=settings.answer_thread_count,
            batch_tokens=settings.batch_tokens,
            parent_pid=os.getpid(),
        )


async def _log_lines(process: Process) -> None:
    if process.stderr is not None:
        async for line in process.stderr:
            log.warning("llama.cpp: %s", line.decode(errors="replace").rstrip())


async def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
