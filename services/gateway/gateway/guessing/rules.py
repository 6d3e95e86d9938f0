"""Who is counted when somebody guesses."""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.rate_windows import Bound
from gateway.settings import GuessLimits

WINDOW_SECONDS = 900.0
_ANY_NUMBER = 1_000_000
_OWN_NETWORK_BITS = 64


@dataclass(frozen=True)
class Attempt:
    """Somebody tries something. what: the kind of secret. account: whose, None for a code."""

    what: str
    address: str
    account: str | None = None


def bounds_of(attempt: Attempt, limits: GuessLimits) -> Sequence[Bound]:
    """An account is guarded against one address strictly, and loosely against all of them: a
    stranger's mistakes should not lock its owner out."""
    where = network_of(attempt.address)
    bounds = [_bound(f"{attempt.what}:from:{where}", limits.address)]
    if attempt.account is not None:
        who = _named(attempt.account)
        bounds.append(_bound(f"{attempt.what}:{who}:{where}", limits.account_from_address))
        bounds.append(_bound(f"{attempt.what}:{who}", limits.account))
    return bounds


def letter_bounds(address: str, email: str, limits: GuessLimits) -> Sequence[Bound]:
    """Letters asked for: to one mailbox, and by one client."""
    return [
        _bound(f"letters:to:{_named(email)}", limits.letters),
        _bound(f"letters:from:{network_of(address)}", limits.address),
    ]


def sign_up_bounds(address: str, limits: GuessLimits) -> Sequence[Bound]:
    """Accounts asked for by one client."""
    return [_bound(f"sign-ups:from:{network_of(address)}", limits.sign_ups)]


def visit_bounds(address: str, limits: GuessLimits) -> Sequence[Bound]:
    """Guests who come in from one client."""
    return [_bound(f"visits:from:{network_of(address)}", limits.visits)]


def network_of(address: str) -> str:
    """Whoever has one IPv6 address has its whole /64."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _OWN_NETWORK_BITS), strict=False))
    return str(found)


def _bound(subject: str, tokens: int) -> Bound:
    # Wrong guesses are the tokens of a window: a right one is taken back by setting it to nought.
    return Bound(f"guess:{subject}", _ANY_NUMBER, tokens)


def _named(account: str) -> str:
    """Addresses of people do not lie about in the counting server."""
    return hashlib.sha256(account.encode()).hexdigest()[:32]
