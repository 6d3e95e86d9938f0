"""Letters as files: for a laptop without a mail server, whose owner reads the folder."""

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from gateway.mail import Letter, MailUnavailable, as_message

SENDER = "Stoa <stoa@localhost.localdomain>"
MOST_LETTERS = 200
"""The oldest go first: their links are long dead."""


class ConsoleMail:
    """Writes `<time>-<kind>.eml` for the owner of the process alone: the links in them are keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, letter: Letter) -> None:
        """See Mail."""
        try:
            await asyncio.to_thread(self._write, letter)
        except OSError as error:
            raise MailUnavailable("The folder of letters cannot be written.") from error

    async def check(self) -> None:
        """See Mail."""
        try:
            await asyncio.to_thread(self._folder.mkdir, 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise MailUnavailable("The folder of letters cannot be written.") from error

    def _write(self, letter: Letter) -> None:
        self._folder.mkdir(0o700, parents=True, exist_ok=True)
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
        path = self._folder / f"{moment}-{letter.kind}-{secrets.token_hex(3)}.eml"
        # Under another name until it is whole: whoever looks into the folder never reads half.
        writing = path.with_suffix(".writing")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(writing, flags, 0o600), "wb") as file:
            file.write(as_message(letter, SENDER).as_bytes())
        writing.rename(path)
        for old in sorted(self._folder.glob("*.eml"))[:-MOST_LETTERS]:
            old.unlink(missing_ok=True)
