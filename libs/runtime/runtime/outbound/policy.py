"""What the outbound client may reach, and how much of it: the operator's choice."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Network = IPv4Network | IPv6Network

_HOST = re.compile(r"^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$")


def _as_host(written: str) -> str:
    host = written.strip().lower().removesuffix(".")
    if not _HOST.match(host):
        raise ValueError(f"{written!r} is no host name: write example.org or *.example.org")
    return host


def _as_network(written: str) -> str:
    return str(ip_network(written.strip()))


Host = Annotated[str, AfterValidator(_as_host)]
NetworkText = Annotated[str, AfterValidator(_as_network)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class OutboundPolicy(BaseModel):
    """Bounds on reading addresses that users give. Lists are written as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed_hosts: tuple[Host, ...] = Field(
        default=(),
        description="If set, nothing else is read. `*.example.org` stands for all names below it.",
    )
    allowed_networks: tuple[NetworkText, ...] = Field(
        default=(),
        description="Networks that are not public and may be read all the same, as an intranet's "
        "`10.20.0.0/16`. Everybody who may add a page then reaches them.",
    )
    forbidden_networks: tuple[NetworkText, ...] = Field(
        default=(), description="Networks never read, public ones of one's own; beats the above."
    )
    ports: tuple[Port, ...] = Field(default=(80, 443), min_length=1)
    ca_file: Path | None = Field(
        default=None, description="Certificates of authorities trusted beside the system's own."
    )
    hops: int = Field(default=5, ge=0, le=10, description="Redirects followed.")
    body_bytes: int = Field(
        default=20 << 20, gt=0, le=100 << 20, description="Of an answer, packed and unpacked."
    )
    header_bytes: int = Field(default=64 << 10, ge=1 << 10, le=96 << 10)
    header_count: int = Field(default=100, ge=10, le=1_000)
    connect_seconds: float = Field(default=10, gt=0, description="To find and reach a server.")
    silence_seconds: float = Field(
        default=15, gt=0, description="Until the first byte, and between any two."
    )
    whole_seconds: float = Field(default=60, gt=0, description="With all redirects.")
    user_agent: str = Field(default="Stoa", pattern=r"^[!-~]([ -~]{0,198}[!-~])?$")

    def allows_host(self, host: str) -> bool:
        """Whether the operator's list, if there is one, has this host."""
        return not self.allowed_hosts or any(_fits(host, each) for each in self.allowed_hosts)


def _fits(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern
