"""Under TLS the socket goes to the checked IP, while name and certificate stay the address's."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runtime.outbound.client import Fetched, OutboundClient
from runtime.outbound.errors import AddressForbidden, NotReachable
from tests.support.hostile_web import PUBLIC, FakeResolver, HostileWeb, connections, hostile_web

HTML = frozenset({"text/html"})


@dataclass(frozen=True)
class Authority:
    """A throw-away authority, whose certificates nobody else trusts."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def server(self, folder: Path, name: str) -> ssl.SSLContext:
        """What a server of this name needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _certificate(name, key.public_key(), self.certificate.subject)
        signed = signed.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        certificate = signed.sign(self.key, hashes.SHA256())
        file = folder / f"{name}.pem"
        file.write_bytes(_pem(certificate) + _key_pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.sni_callback = _note_name
        return context


def _note_name(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
    connection.server_name = name  # type: ignore[attr-defined]  # where the server looks for it


@pytest.fixture(scope="module")
def authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stoa's tests")])
    built = _certificate("Stoa's tests", key.public_key(), name)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Authority(key, built.sign(key, hashes.SHA256()))


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    path.write_bytes(_pem(authority.certificate))
    return path


@pytest.fixture
def web(authority: Authority, tmp_path: Path) -> Iterator[HostileWeb]:
    with hostile_web(authority.server(tmp_path, "example.org")) as web:
        web.page("/", "<p>Secured.</p>")
        yield web


async def fetched(web: HostileWeb, url: str, ca_file: Path | None) -> Fetched:
    resolver = FakeResolver({"example.org": [[PUBLIC]], "other.example": [[PUBLIC]]})
    client = OutboundClient(web.policy(ca_file=ca_file), resolver)
    return await client.fetch(url, types=HTML)


async def test_a_secured_page_is_read_by_its_name_from_the_checked_ip(
    web: HostileWeb, ca_file: Path
) -> None:
    with connections() as opened:
        page = await fetched(web, web.url("/", "example.org"), ca_file)

    assert page.content == b"<p>Secured.</p>"
    assert opened == [(PUBLIC, web.port)]
    assert web.asked[0].server_name == "example.org"
    assert web.asked[0].headers["host"] == f"example.org:{web.port}"


@pytest.mark.parametrize("host", ["other.example", PUBLIC])
async def test_a_certificate_of_another_name_is_refused(
    web: HostileWeb, ca_file: Path, host: str
) -> None:
    with pytest.raises(NotReachable, match="could not prove"):
        await fetched(web, web.url("/", host), ca_file)

    assert web.asked == []


async def test_a_certificate_of_an_unknown_authority_is_refused(web: HostileWeb) -> None:
    with pytest.raises(NotReachable, match="could not prove"):
        await fetched(web, web.url("/", "example.org"), None)

    assert web.asked == []


async def test_a_secured_page_does_not_lead_to_an_open_one(web: HostileWeb, ca_file: Path) -> None:
    web.redirect("/", f"http://example.org:{web.port}/")
    with pytest.raises(AddressForbidden, match="from https to http"):
        await fetched(web, web.url("/", "example.org"), ca_file)


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
