"""Networks as settings name them."""

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(names: str) -> tuple[Network, ...]:
    """Addresses and networks out of a list with commas. Raises ValueError for what is neither."""
    parts = (name.strip() for name in names.split(","))
    return tuple(ipaddress.ip_network(part, strict=False) for part in parts if part)
