"""Who is counted, against how much, and how the numbers are told."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.caller import Caller
from gateway.rate_windows import Bound, Used
from gateway.settings import RateLimits

_LETTERS_PER_TOKEN = 4


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


def bounds_of(caller: Caller, limits: RateLimits) -> list[Bound]:
    """A key is counted by itself, a signed-in member as a person; both within the workspace."""
    own = f"key:{caller.key_id}" if caller.key_id else f"member:{caller.member_id}"
    return [
        Bound(own, limits.requests_per_minute, limits.tokens_per_minute),
        Bound(
            f"workspace:{caller.workspace_id}",
            limits.workspace_requests_per_minute,
            limits.workspace_tokens_per_minute,
        ),
    ]


def standing_of(bounds: Sequence[Bound], used: Sequence[Used]) -> Standing:
    """The tightest of all bounds, for requests and for tokens."""
    requests, tokens = [], []
    for bound, now in zip(bounds, used, strict=True):
        requests.append(_allowance(bound.requests, now.requests, now.reset_seconds))
        tokens.append(_allowance(bound.tokens, now.tokens, now.reset_seconds))
    return Standing(
        requests=min(requests, key=lambda each: each.remaining),
        tokens=min(tokens, key=lambda each: each.remaining),
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


def _allowance(limit: int, used: int, reset_seconds: float) -> Allowance:
    return Allowance(limit, max(0, limit - used), reset_seconds if used else 0.0)
