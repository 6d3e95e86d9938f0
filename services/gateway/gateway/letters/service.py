"""Sends letters beside the request that caused them: nobody waits for a mail server, and its pace
tells nobody whether there was something to send."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from gateway.letters.rules import Occasion, letter
from gateway.mail import Mail, MailRefused, MailUnavailable
from gateway.metrics import LETTERS
from runtime.background import Background

log = logging.getLogger(__name__)

ATTEMPTS = 3
PAUSE_SECONDS = 10.0


class LetterService:
    """Writes and sends. What cannot be sent is given up after a few tries and counted."""

    def __init__(
        self,
        mail: Mail,
        web_url: str,
        background: Background,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._mail = mail
        self._web_url = web_url.rstrip("/")
        self._background = background
        self._pause_seconds = pause_seconds

    def page(self, path: str) -> str:
        """The address of a page, for a link."""
        return f"{self._web_url}{path}"

    def beside(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Do what leads to a letter beside the request, so that its time tells nothing."""
        if self._background.is_full:
            LETTERS.labels("dropped").inc()
            log.warning("too many letters wait: one was not written")
            return
        self._background.start(_awaited(work), name)

    async def send(self, occasion: Occasion, to: str, language: str, link: str = "") -> None:
        """Send one letter, trying again while the server is away."""
        written = letter(occasion, to, language, self._web_url, link)
        for attempt in range(ATTEMPTS):
            try:
                await self._mail.send(written)
            except MailRefused as error:
                log.warning("a letter was refused: %s", error.__cause__.__class__.__name__)
                break
            except MailUnavailable as error:
                log.warning("no letters leave: %s", error.__cause__.__class__.__name__)
                if attempt + 1 < ATTEMPTS:
                    await asyncio.sleep(self._pause_seconds * 2**attempt)
            else:
                LETTERS.labels("sent").inc()
                return
        LETTERS.labels("failed").inc()


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()
