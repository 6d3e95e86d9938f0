"""Takes secrets out of what is about to be logged, whoever put them there."""

import re

HIDDEN = "[hidden]"
_IS = r"[\"']?\s*[=:]\s*[\"']?"
_SECRETS = (
    # A password in an address: redis://:word@host, postgresql+asyncpg://user:word@host. Bounded:
    # a long line of letters and dots would otherwise be tried from each of them.
    re.compile(
        r"(?P<kept>\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@]{0,200}:)[^\s/@]+(?=@)", re.IGNORECASE
    ),
    re.compile(r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    # What a query or a form calls a secret; a short "token" is one of an engine.
    re.compile(r"(?P<kept>\b(?:password|passwd)\b" + _IS + r")[^\s\"'&,})\]]{4,}", re.IGNORECASE),
    re.compile(
        r"(?P<kept>\b(?:token|invite|secret|api[-_]?key|authorization)\b"
        + _IS
        + r")[^\s\"'&,})\]]{12,}",
        re.IGNORECASE,
    ),
    # Keys, sessions and one-time links by their prefixes; service tokens by their shape.
    re.compile(r"(?P<kept>\b[a-z]{2,5}-stoa-)[\w-]{8,}"),
    re.compile(r"(?P<kept>\b)eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"),
)


def redacted(text: str) -> str:
    """`text` without anything that looks like a secret."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
    return text
