"""Takes secrets out of what is about to be logged, whoever put them there."""

import re
from collections.abc import Iterator

HIDDEN = "[hidden]"
_REFUSAL, _INPUT, _INPUT_TYPE = " validation error", "input_value=", ", input_type="
_AFTER = ("Traceback (", "During handling", "The above exception")
_IS = r"[\"']?\s*[=:]\s*[\"']?"
_SECRETS = (
    # A password in an address: redis://:word@host, postgresql+asyncpg://user:word@host. Bounded:
    # a long line of letters and dots would otherwise be tried from each of them.
    re.compile(r"(?P<kept>\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s:/@]{0,200}:)[^\s/@]+(?=@)"),
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
    """`text` without anything that looks like a secret, or that pydantic quotes of its input."""
    if _REFUSAL in text:
        text = "\n".join(_without_input(text.split("\n")))
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
    return text


def _without_input(lines: list[str]) -> Iterator[str]:
    """pydantic says `1 validation error for X`, then two lines for each: the field, whose name may
    be the caller's, and what is wrong `[type=…, input_value='their words', input_type=str]`.

    No regex: what is quoted may hold the same words again, and then takes quadratic time.
    """
    is_inside = False
    for line in lines:
        if _REFUSAL in line:
            is_inside = True
            yield line
        elif is_inside and not line.startswith(_AFTER):
            before, found, rest = line.partition(_INPUT)
            kind = rest.rpartition(_INPUT_TYPE)[2]
            is_ours = found and before.startswith("  ")
            said = f"{before}{_INPUT}{HIDDEN}{_INPUT_TYPE}{kind}"
            yield said if is_ours else line and HIDDEN
        else:
            is_inside = False
            yield line
