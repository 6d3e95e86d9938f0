"""Which IP addresses are public. What is not known to be is forbidden, in every spelling."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from runtime.outbound.policy import Network, OutboundPolicy

_SPECIAL_V4 = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; a cloud's metadata at 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # a public number that inside a cloud is its host
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, given up
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
"""The only part of IPv6 given out as public: mapped, local and reserved forms all lie outside."""
_SPECIAL_V6 = tuple(
    ip_network(each)
    for each in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, given up: each wraps an IPv4 address
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 servers as seen from networks that have IPv6 alone: as good as what they wrap."""


def is_forbidden(address: str, policy: OutboundPolicy) -> bool:
    """Whether no socket may be opened to this address, as a resolver wrote it."""
    try:
        ip = ip_address(address)
    except ValueError:
        return True
    if isinstance(ip, IPv6Address):
        # A zone says through which interface: such an address is of this machine's own links.
        return ip.scope_id is not None or _is_forbidden_v6(ip, policy)
    return _is_forbidden_v4(ip, policy)


def _is_forbidden_v4(ip: IPv4Address, policy: OutboundPolicy) -> bool:
    if _is_in(ip, policy.forbidden_networks):
        return True
    return _is_in(ip, _SPECIAL_V4) and not _is_in(ip, policy.allowed_networks)


def _is_forbidden_v6(ip: IPv6Address, policy: OutboundPolicy) -> bool:
    if _is_in(ip, policy.forbidden_networks):
        return True
    if ip in _NAT64:
        inner = IPv4Address(int(ip) & 0xFFFF_FFFF)
        # What the operator allowed is reached by its own number, never in a wrapper.
        return _is_in(inner, policy.forbidden_networks) or _is_in(inner, _SPECIAL_V4)
    is_public = ip in _GLOBAL_V6 and not _is_in(ip, _SPECIAL_V6)
    return not is_public and not _is_in(ip, policy.allowed_networks)


def _is_in(ip: IPv4Address | IPv6Address, networks: Iterable[Network | str]) -> bool:
    return any(ip in ip_network(network) for network in networks)
