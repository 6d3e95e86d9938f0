"""The one parser of addresses: what it does not know as plain http or https it refuses.

Its result is what is checked and what is connected to; nobody reads the text a second time.
"""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NoReturn
from urllib.parse import quote, urljoin

import idna

from runtime.outbound.errors import AddressForbidden

LONGEST_ADDRESS = 2_000

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(https?)://([^/?#]{1,300})([^#]*)(?:#.*)?", re.IGNORECASE)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[0-9]{1,5}")
# What a path or query may hold as it is; "%" stays, because addresses come escaped already.
_AS_IT_IS = "!$%&'()*+,-./:;=?@_~[]"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")


@dataclass(frozen=True)
class WebAddress:
    """A parsed address. host: a lower-case ASCII name, or an IP address without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """The host as addresses and the Host header write it, with a port that is not implied."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who gets to see what is meant for one server."""
        return self.scheme, self.host, self.port

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"


def parse_address(written: str) -> WebAddress:
    """The address, normalised. Raises AddressForbidden for every form that is not plain."""
    text = written.strip(" \t\r\n")
    if len(text) > LONGEST_ADDRESS:
        _refuse(f"The address is longer than {LONGEST_ADDRESS:,} characters.")
    if _has_odd_characters(text):
        _refuse("The address has characters in it that no web address has.")
    parts = _PARTS.fullmatch(text)
    if parts is None:
        _refuse("Only addresses that begin with https:// or http:// are read.")
    scheme = parts[1].lower()
    host, port = _host_and_port(parts[2], _DEFAULT_PORTS[scheme])
    target = quote(parts[3], safe=_AS_IT_IS)
    return WebAddress(scheme, host, port, target if target.startswith("/") else f"/{target}")


def redirected(address: WebAddress, location: bytes) -> WebAddress:
    """Where a redirect leads, parsed as any other address."""
    try:
        written = location.decode("utf-8")
    except UnicodeDecodeError:
        _refuse("The page redirects to an address that cannot be read.")
    # Before they are joined: the library that joins drops such characters silently.
    if _has_odd_characters(written):
        _refuse("The page redirects to an address that cannot be read.")
    try:
        joined = urljoin(str(address), written)
    except ValueError:
        _refuse("The page redirects to an address that cannot be read.")
    return parse_address(joined)


def _has_odd_characters(text: str) -> bool:
    """Unseen ones, and the backslash, which some read as a slash. Of blanks the plain one is
    common in paths, where it is escaped; no host has it.
    """
    return any(
        each == "\\" or (each != " " and unicodedata.category(each) in _UNSEEN) for each in text
    )


def _host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        _refuse("Addresses with a user name or a password in them are not read.")
    host, colon, port = authority.rpartition(":")
    if authority.endswith("]") or not colon:
        host, port = authority, ""
    if colon and port and not _PORT.fullmatch(port):
        _refuse("The port of the address is not a number.")
    number = int(port) if port else default_port
    if not 1 <= number <= 65_535:
        _refuse("The port of the address is not a number.")
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host[1:-1]), number
    return _name_or_ipv4(host), number


def _ipv6(written: str) -> str:
    try:
        address = IPv6Address(written)
    except AddressValueError:
        _refuse("The host of the address is not written as hosts are.")
    if address.scope_id is not None:
        _refuse("The host of the address is not written as hosts are.")
    return address.compressed


def _name_or_ipv4(written: str) -> str:
    host = _in_ascii(written).removesuffix(".")
    if len(host) > 253 or not _NAME.fullmatch(host):
        _refuse("The host of the address is not written as hosts are.")
    if _NUMERIC.fullmatch(host.rpartition(".")[2]):
        # Browsers read 127.1, 0177.0.0.1, 0x7f000001 and 2130706433 as 127.0.0.1. Nobody
        # writes a page's address so, and readers of such numbers disagree.
        try:
            return str(IPv4Address(host))
        except AddressValueError:
            _refuse("The host of the address is not written as hosts are.")
    return host


def _in_ascii(written: str) -> str:
    """The name as servers know it: IDNA with UTS 46, which also maps wide letters and dots."""
    if written.isascii() and "xn--" not in written.lower():
        return written.lower()
    try:
        return idna.encode(written, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        _refuse("The host of the address is not written as hosts are.")


def _refuse(sentence: str) -> NoReturn:
    raise AddressForbidden(sentence, param="url")
