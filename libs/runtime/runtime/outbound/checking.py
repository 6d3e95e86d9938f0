"""Whether an address may be read at all: what can be said without asking anybody."""

from runtime.outbound.addresses import WebAddress, parse_address
from runtime.outbound.errors import AddressForbidden
from runtime.outbound.networks import is_forbidden
from runtime.outbound.policy import OutboundPolicy


def readable_address(written: str, policy: OutboundPolicy) -> WebAddress:
    """The address in its one form. Raises AddressForbidden. Opens no socket, asks no resolver."""
    address = parse_address(written)
    check(address, policy)
    return address


def check(address: WebAddress, policy: OutboundPolicy) -> None:
    """Refuse hosts off the operator's list, other ports, and IP addresses that are not public."""
    if not policy.allows_host(address.host):
        sentence = "This installation reads pages only of the hosts its operator has listed."
        raise AddressForbidden(sentence, param="url")
    if address.port not in policy.ports:
        ports = ", ".join(str(port) for port in policy.ports)
        raise AddressForbidden(f"Only servers on these ports are read: {ports}.", param="url")
    if is_ip(address.host) and is_forbidden(address.host, policy):
        raise AddressForbidden("Only public addresses are read.", param="url")


def is_ip(host: str) -> bool:
    """Whether the host is an IP address; a parsed name never ends in a number."""
    return ":" in host or host.rpartition(".")[2].isdigit()
