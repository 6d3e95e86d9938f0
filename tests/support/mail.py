"""A mail server for tests, and the letters it was given.

    with mail_server() as post:
        settings = gateway_settings(url, folder, mail=post.settings())
        post.link(to="carol@example.org")        # the link of the last letter

Letters of an installation without a mail server lie in a folder: `letters_in(folder)`.
"""

import datetime
import ipaddress
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.server_settings import MailServer
from tests.support.engines import free_port
from tests.support.waiting import wait_until

SENDER = "Stoa <stoa@example.org>"
PATIENCE_SECONDS = 60
_TOKEN = re.compile(r"https?://\S+token=(\S+)")


@dataclass
class PostBox:
    """What arrived, the oldest first. answer: what the server says to each letter."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"
    certificate: Path | None = None

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server, session
        if self.answer.startswith("2"):
            self.letters.append(parsed(envelope.original_content or b""))
        return self.answer

    def settings(self, **others: Any) -> MailServer:
        """The gateway's settings for this server; plain, unless others say more."""
        plain = {"host": "127.0.0.1", "port": self.port, "security": "none", "sender": SENDER}
        return MailServer(**{**plain, **others})

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]

    def wait(self, address: str, number: int = 1) -> EmailMessage:
        """The letter of that number to an address."""
        wait_until(
            lambda: len(self.to(address)) >= number,
            seconds=PATIENCE_SECONDS,
            what=f"letter {number} to {address}",
        )
        return self.to(address)[number - 1]

    def token(self, address: str, number: int = 1) -> str:
        """The token of its link."""
        return token_of(self.wait(address, number))


def parsed(content: bytes) -> EmailMessage:
    """A letter as a mail program shows it."""
    letter = message_from_bytes(content, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


def token_of(letter: EmailMessage) -> str:
    """The token of a letter's link."""
    found = _TOKEN.search(letter.get_content())
    assert found is not None
    return found[1]


def letters_in(folder: Path, number: int = 1) -> list[EmailMessage]:
    """The letters that were written into a folder, once there are so many."""
    wait_until(
        lambda: len(list(folder.glob("*.eml"))) >= number,
        seconds=PATIENCE_SECONDS,
        what=f"{number} letters in {folder}",
    )
    return [parsed(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


@contextmanager
def mail_server(
    folder: Path | None = None, password: str | None = None, *, requires_tls: bool = True
) -> Iterator[PostBox]:
    """A server on loopback. folder: with STARTTLS, its certificate is put there."""
    box = PostBox(free_port())
    more: dict[str, Any] = {}
    if folder is not None:
        box.certificate, key = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(box.certificate, key)
        more |= {"tls_context": context, "require_starttls": requires_tls}
    if password is not None:
        more |= {"authenticator": _asks(password), "auth_required": True}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def _asks(password: str) -> Any:
    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        del server, session, envelope, mechanism
        return AuthResult(success=given.password == password.encode(), handled=False)

    return authenticate


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that nobody vouches for but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "server.pem", folder / "server.key"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_path, key_path
