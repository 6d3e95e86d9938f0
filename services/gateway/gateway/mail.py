"""The port by which letters leave: a mail server, or a folder on the laptop."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol

from contracts.errors import ErrorKind, StoreError


class MailUnavailable(StoreError):
    """The mail server does not take letters now."""

    kind = ErrorKind.UNAVAILABLE
    code = "mail_unavailable"


class MailRefused(MailUnavailable):
    """The mail server answers, and will go on refusing this letter, or all of ours."""


@dataclass(frozen=True)
class Letter:
    """Plain text to one address. kind: what it is for, in a log that never sees the text."""

    kind: str
    to: str
    subject: str
    text: str


class Mail(Protocol):
    """Sends letters."""

    async def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises MailUnavailable in bounded time."""
        ...

    async def check(self) -> None:
        """Raises MailUnavailable when letters cannot be handed over."""
        ...


def as_message(letter: Letter, sender: str) -> EmailMessage:
    """A letter as it is sent. Headers cannot be forged: line ends in them raise ValueError."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="stoa.invalid")
    # Nobody's holiday notice answers a machine.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    return message
