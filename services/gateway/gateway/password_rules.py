"""Which passwords are taken: long ones that are neither common nor made of their owner's name.

After OWASP ASVS 5.0, 6.2: at least ten characters of whatever script, at most 200, no rule about
their composition, never changed by force; refused when common or made of what others know.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from contracts.errors import ErrorKind, StoreError

_LIST = Path(__file__).parent / "common_passwords.txt"
_FEWEST_DIFFERENT = 4
_SHORTEST_WORD = 4
_WORDS = re.compile(r"\w+")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")
_OURS = frozenset({"stoa"})


class WeakPassword(StoreError):
    """The password is common, or made of what everybody knows of its owner."""

    kind = ErrorKind.INVALID
    code = "weak_password"


def check_password(password: str, *known: str) -> None:
    """known: what others know of the owner, such as address and name. Raises WeakPassword."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    if any("\ud800" <= sign <= "\udfff" for sign in plain):
        raise _weak("This password holds something that is no character.")
    if len(set(plain)) < _FEWEST_DIFFERENT or plain in _common() or _is_in_a_row(plain):
        raise _weak("This password is one of those that are tried first. Choose another one.")
    rest = plain
    for word in sorted(_words(known), key=len, reverse=True):
        rest = rest.replace(word, "")
    # A long phrase may hold a name; one that is little else may not.
    if rest != plain and len(rest) <= len(plain) / 2:
        raise _weak("This password is made of the name or the address. Choose another one.")


def _words(known: tuple[str, ...]) -> frozenset[str]:
    plain = [unicodedata.normalize("NFKC", text).casefold() for text in known]
    # Of an address the part before the sign; the rest is everybody's.
    found = {word for text in plain for word in _WORDS.findall(text.partition("@")[0])}
    return frozenset(word for word in found if len(word) >= _SHORTEST_WORD) | _OURS


def _is_in_a_row(plain: str) -> bool:
    return any(plain in row or plain in row[::-1] for row in _ROWS)


def _weak(message: str) -> WeakPassword:
    return WeakPassword(message, param="password")


@cache
def _common() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
