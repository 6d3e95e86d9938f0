"""What the gateway reaches outside itself: neighbours, broker, turn streams. Tests bring others."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from gateway.adapters.mail_console import ConsoleMail
from gateway.adapters.mail_smtp import SmtpMail
from gateway.adapters.rate_windows_failsafe import FailSafeRateWindows
from gateway.adapters.rate_windows_memory import WINDOW_SECONDS as REQUEST_SECONDS
from gateway.adapters.rate_windows_memory import MemoryRateWindows
from gateway.adapters.rate_windows_valkey import ValkeyRateWindows
from gateway.adapters.turn_stream_memory import MemoryTurnStream
from gateway.adapters.turn_stream_valkey import ValkeyTurnStream
from gateway.guessing.rules import WINDOW_SECONDS
from gateway.mail import Mail
from gateway.outbox.sender import TaskSender
from gateway.outbox.sender_celery import CelerySender
from gateway.outbox.sender_memory import MemorySender
from gateway.rate_windows import RateWindows
from gateway.settings import Settings
from gateway.turn_stream import TurnStream
from runtime.outgoing import service_client

# An answer may pause for a while between two tokens; everything else is quick.
ANSWER_SILENCE_SECONDS = 120.0
CONNECT_SECONDS = 5.0
SEARCH_SECONDS = 30.0
COPY_SECONDS = 600.0


@dataclass(frozen=True)
class Outside:
    """Everything beyond the database and the blobs."""

    sender: TaskSender
    turn_stream: TurnStream
    retrieval: httpx2.AsyncClient
    inference: httpx2.AsyncClient
    rate_windows: RateWindows = field(default_factory=MemoryRateWindows)
    guess_windows: RateWindows = field(default_factory=lambda: MemoryRateWindows(WINDOW_SECONDS))
    """Of wrong passwords and codes; in no other way than the others."""
    mail: Mail | None = None
    """None: what the settings name."""


@asynccontextmanager
async def reach_outside(settings: Settings) -> AsyncIterator[Outside]:
    """The real neighbours that the settings name."""
    async with AsyncExitStack() as closing:
        sender = _sender(settings)
        closing.push_async_callback(sender.close)
        turn_stream = _turn_stream(settings)
        closing.push_async_callback(turn_stream.close)
        retrieval = await closing.enter_async_context(
            _client(settings.retrieval_url, SEARCH_SECONDS)
        )
        inference = await closing.enter_async_context(
            _client(settings.inference_url, ANSWER_SILENCE_SECONDS)
        )
        rate_windows = _rate_windows(settings, REQUEST_SECONDS)
        closing.push_async_callback(rate_windows.close)
        guess_windows = _rate_windows(settings, WINDOW_SECONDS)
        closing.push_async_callback(guess_windows.close)
        yield Outside(sender, turn_stream, retrieval, inference, rate_windows, guess_windows)


def reach_retrieval(settings: Settings) -> httpx2.AsyncClient:
    """Retrieval alone, for a backup: it says nothing before its copy is complete."""
    return _client(settings.retrieval_url, COPY_SECONDS)


def _sender(settings: Settings) -> TaskSender:
    url = settings.shared.redis_url
    return MemorySender() if url is None else CelerySender(str(url))


def _turn_stream(settings: Settings) -> TurnStream:
    url = settings.shared.redis_url
    return MemoryTurnStream() if url is None else ValkeyTurnStream(str(url))


def mail_of(settings: Settings) -> Mail:
    """How letters leave."""
    if settings.mail.host is None:
        return ConsoleMail(settings.shared.home / "mail")
    return SmtpMail(settings.mail)


def _rate_windows(settings: Settings, seconds: float) -> RateWindows:
    url = settings.shared.redis_url
    if url is None:
        return MemoryRateWindows(seconds)
    return FailSafeRateWindows(ValkeyRateWindows(str(url), seconds), MemoryRateWindows(seconds))


def _client(base_url: str, read_seconds: float) -> httpx2.AsyncClient:
    return service_client(
        base_url,
        timeout=httpx2.Timeout(read_seconds, connect=CONNECT_SECONDS),
        limits=httpx2.Limits(max_connections=256, max_keepalive_connections=32),
    )
