"""Who is counted, against how much, and how the numbers are told."""

import ipaddress
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contracts.limits import LimitScope
from gateway.caller import Caller
from gateway.guessing.rules import network_of
from gateway.rate_windows import Bound, Used
from gateway.settings import RateLimits

_LETTERS_PER_TOKEN = 4
_OWN_NETWORK_BITS = 64
EVERYBODY = ""
"""The subject of a limit that holds for all of its scope."""


@dataclass(frozen=True)
class Minute:
    """How much may be asked for in one."""

    requests: int
    tokens: int


Book = Mapping[tuple[LimitScope, str], Minute]
"""The limits that were set, by scope and subject."""


@dataclass(frozen=True)
class Allowance:
    """A limit, what is left of it, and when all of it is there again."""

    limit: int
    remaining: int
    reset_seconds: float


@dataclass(frozen=True)
class Standing:
    """What a caller has left, by whichever bound is the tightest."""

    requests: Allowance
    tokens: Allowance


def bounds_of(caller: Caller, limits: RateLimits, book: Book) -> list[Bound]:
    """All of them hold: of the key, of its member with all keys, of the workspace, of the client's
    address."""
    return [
        Bound(f"{scope}:{subject}", minute.requests, minute.tokens)
        for scope, subject in subjects_of(caller)
        for minute in [limit_of(scope, subject, limits, book)]
    ]


def subjects_of(caller: Caller) -> Iterator[tuple[LimitScope, str]]:
    """As whom a caller is counted."""
    if caller.key_id is not None:
        yield LimitScope.KEY, caller.key_id
    if not caller.is_publishable:
        # A crowd before a page does not use up what the key's maker may ask.
        yield LimitScope.MEMBER, caller.member_id
    yield LimitScope.WORKSPACE, caller.workspace_id
    if caller.address:
        yield LimitScope.ADDRESS, network_of(caller.address)


def limit_of(scope: LimitScope, subject: str, limits: RateLimits, book: Book) -> Minute:
    """The limit set for the subject, else the one set for everybody, else that of the settings."""
    return book.get((scope, subject)) or book.get((scope, EVERYBODY)) or default_of(scope, limits)


def default_of(scope: LimitScope, limits: RateLimits) -> Minute:
    """What the settings say."""
    if scope is LimitScope.WORKSPACE:
        return Minute(limits.workspace_requests_per_minute, limits.workspace_tokens_per_minute)
    if scope is LimitScope.ADDRESS:
        return Minute(limits.address_requests_per_minute, limits.address_tokens_per_minute)
    return Minute(limits.requests_per_minute, limits.tokens_per_minute)


def counted_address(given: str) -> str | None:
    """An address as it is counted, `192.0.2.7` or `2001:db8::/64`; None for what is none."""
    try:
        network = ipaddress.ip_network(given, strict=False)
    except ValueError:
        return None
    is_one = network.prefixlen == network.max_prefixlen
    is_own = network.version == 6 and network.prefixlen == _OWN_NETWORK_BITS
    return network_of(str(network.network_address)) if is_one or is_own else None


def standing_of(bounds: Sequence[Bound], used: Sequence[Used]) -> Standing:
    """The tightest of all bounds, for requests and for tokens."""
    requests, tokens = [], []
    for bound, now in zip(bounds, used, strict=True):
        requests.append(_allowance(bound.requests, now.requests, now.reset_seconds))
        tokens.append(_allowance(bound.tokens, now.tokens, now.reset_seconds))
    return Standing(
        requests=min(requests, key=_room),
        tokens=min(tokens, key=_room),
    )


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has: four letters of English, or one sign of Chinese, each."""
    plain = sum(1 for character in text if character.isascii())
    return math.ceil(plain / _LETTERS_PER_TOKEN) + len(text) - plain


def duration(seconds: float) -> str:
    """A time as OpenAI's headers write it: `0s`, `12ms`, `1s`, `1.5s`, `6m0s`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds == 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    shown = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{shown}s" if minutes else f"{shown}s"


def header_lines(standing: Standing) -> dict[str, str]:
    """OpenAI's six headers."""
    lines: dict[str, str] = {}
    for name, allowance in (("requests", standing.requests), ("tokens", standing.tokens)):
        lines[f"x-ratelimit-limit-{name}"] = str(allowance.limit)
        lines[f"x-ratelimit-remaining-{name}"] = str(allowance.remaining)
        lines[f"x-ratelimit-reset-{name}"] = duration(allowance.reset_seconds)
    return lines


def _room(allowance: Allowance) -> tuple[int, int]:
    return allowance.remaining, allowance.limit


def _allowance(limit: int, used: int, reset_seconds: float) -> Allowance:
    return Allowance(limit, max(0, limit - used), reset_seconds if used else 0.0)
