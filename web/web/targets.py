"""Addresses of other sites as a person can judge them: in plain letters, the host in sight."""

import re
from dataclasses import dataclass
from urllib.parse import quote

LONGEST_ADDRESS = 4_000

_ADDRESS = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(:[0-9]{1,5})?")
# Browsers read a backslash as a slash and drop line ends: what they open would not be what we show.
_TWO_READINGS = re.compile(r'[\x00-\x20\x7f\\<>"]')
_KEPT = "/?#[]@!$&'()*+,;=:%~"


@dataclass(frozen=True)
class Target:
    """A checked address in ASCII, its host apart. is_foreign: the host has letters beyond English
    ones, written as `xn--…` so that look-alikes cannot hide."""

    scheme: str
    host: str
    rest: str

    @property
    def address(self) -> str:
        """The whole, as it is opened."""
        return f"{self.scheme}://{self.host}{self.rest}"

    @property
    def is_foreign(self) -> bool:
        """Some part of the host's name is not written in English letters."""
        return any(label.startswith("xn--") for label in self.host.split("."))

    @property
    def has_query(self) -> bool:
        """The address tells the other site more than a place."""
        return "?" in self.rest


def target_of(address: str) -> Target | None:
    """The address of a web site, or None for whatever is not plainly one."""
    if len(address) > LONGEST_ADDRESS or _TWO_READINGS.search(address):
        return None
    parts = _ADDRESS.fullmatch(address)
    host = None if parts is None else _plain(parts[2])
    if parts is None or host is None:
        return None
    return Target(parts[1].lower(), host, quote(parts[3], safe=_KEPT))


def leave_path(address: str) -> str:
    """Our own page that shows the address before it is opened."""
    return f"/leave?to={quote(address, safe='')}"


def _plain(authority: str) -> str | None:
    """Host and port in ASCII. A name before an `@` only ever pretends to be the host: refused."""
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        host, port = authority, ""
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return None
    plain = ascii_host.lower() + (f":{port}" if port else "")
    return plain if _AUTHORITY.fullmatch(plain) else None
