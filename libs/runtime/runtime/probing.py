"""Reaching the stores a process cannot work without, before it serves; waiting where that helps."""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from runtime.logs import configure_logs
from runtime.settings import SharedSettings
from runtime.starting import CannotStart, refuse

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[None]]
"""Returns when a store can be used. Raises NotYet while that may change, else CannotStart."""

CONNECT_SECONDS = 5.0
_PAUSE_SECONDS = 0.5
_SAID_EVERY_SECONDS = 5.0


class NotYet(Exception):
    """A store does not answer yet; the words name the setting and the address."""


def reach_or_exit(program: str, shared: SharedSettings, probes: Sequence[Probe]) -> None:
    """Return when every store can be used; end the process in one sentence otherwise."""
    configure_logs(program, shared.log_level)
    try:
        asyncio.run(reach(probes, shared.start_seconds))
    except CannotStart as reason:
        refuse(program, str(reason))


async def reach(probes: Sequence[Probe], seconds: float) -> None:
    """Try each until it succeeds, for `seconds` altogether. Raises CannotStart."""
    ends_at = time.monotonic() + seconds
    for probe in probes:
        await _reached(probe, ends_at, seconds)


async def _reached(probe: Probe, ends_at: float, seconds: float) -> None:
    say_at = 0.0
    while True:
        try:
            await probe()
        except NotYet as reason:
            now = time.monotonic()
            if now >= ends_at:
                raise CannotStart(f"{reason} (waited {seconds:g} s)") from None
            if now >= say_at:
                log.warning("waiting: %s", reason)
                say_at = now + _SAID_EVERY_SECONDS
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


async def listens(variable: str, host: str, port: int) -> None:
    """Raises NotYet unless somebody takes connections at this address."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except socket.gaierror:
        raise NotYet(f"{variable}: the host {host} is unknown") from None
    except ConnectionRefusedError:
        raise NotYet(f"{variable}: nobody listens at {host}:{port}") from None
    except (OSError, TimeoutError):
        raise NotYet(f"{variable}: {host}:{port} does not answer") from None
    writer.close()


def said_if_away(variable: str, address: str) -> Probe:
    """For a service of ours: when it is not there yet, the log says so and readiness the rest.

    Our services start in any order, so none waits for another before it serves.
    """
    url = urlsplit(address)
    port = url.port or (443 if url.scheme == "https" else 80)

    async def look() -> None:
        try:
            await listens(variable, url.hostname or "", port)
        except NotYet as reason:
            log.warning("starting all the same: %s", reason)

    return look
