"""Letters through a mail server; the only place of the gateway that speaks SMTP."""

import ssl

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from gateway.mail import Letter, MailRefused, MailUnavailable, as_message
from gateway.server_settings import MailServer

_FOR_EVER = (SMTPAuthenticationError, SMTPNotSupported, SMTPRecipientsRefused, ssl.SSLError)
_PERMANENT = 500


class SmtpMail:
    """One connection a letter. STARTTLS is asked for, never merely taken when offered."""

    def __init__(self, server: MailServer) -> None:
        if server.host is None or server.sender is None:
            raise ValueError("a mail server needs a host and a sender")
        self._server = server
        self._sender = server.sender

    async def send(self, letter: Letter) -> None:
        """See Mail."""
        try:
            message = as_message(letter, self._sender)
            async with self._connected() as server:
                await server.send_message(message)
        except _FOR_EVER as error:
            raise MailRefused("The mail server refused a letter.") from error
        except SMTPResponseException as error:
            kind = MailRefused if error.code >= _PERMANENT else MailUnavailable
            raise kind("The mail server refused a letter.") from error
        except (SMTPException, OSError, ValueError) as error:
            raise MailUnavailable("The mail server does not answer.") from error

    async def check(self) -> None:
        """See Mail: connect, secure, sign in, say good-bye."""
        try:
            async with self._connected() as server:
                await server.noop()
        except _FOR_EVER as error:
            raise MailRefused("The mail server refuses this installation.") from error
        except (SMTPException, OSError) as error:
            raise MailUnavailable("The mail server does not answer.") from error

    def _connected(self) -> aiosmtplib.SMTP:
        """A connection to be entered, which secures it and signs in."""
        server, password = self._server, self._server.password
        is_plain = server.security == "none"
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.timeout_seconds,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if is_plain else ssl.create_default_context(cafile=server.ca_path),
            username=server.username,
            password=None if password is None else password.get_secret_value(),
        )
