"""Which requests are the same, which answers are kept, and how they are kept unreadable."""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.idempotency.errors import InvalidIdempotencyKey

_PRINTABLE = re.compile(r"^[\x21-\x7e][\x20-\x7e]{0,254}$")
_NONCE_BYTES = 12
_KEPT_HEADERS = frozenset(
    {"content-type", "content-disposition", "cache-control", "location", "x-accel-buffering"}
)
# Another try may go better: signed in again, later, or when a conflict is over.
_PASSING = frozenset({401, 408, 409, 429})
_STREAM = "text/event-stream"
_STREAM_END = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it was sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_final(self) -> bool:
        """Asked again, the answer would be no other: it succeeded, or the request is wrong."""
        return self.status < 500 and self.status not in _PASSING and not self._is_broken_off

    @property
    def _is_broken_off(self) -> bool:
        # A stream that failed half-way began with 200 like any other.
        is_stream = dict(self.headers).get("content-type", "").startswith(_STREAM)
        return is_stream and not self.body.endswith(_STREAM_END)


def worth_keeping(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The headers that belong to the answer, not to its way or its day."""
    return tuple((name, value) for name, value in headers.items() if name in _KEPT_HEADERS)


class Seal:
    """Names an entry and seals its answer by the caller's own token, which is kept nowhere.

    So a table of answers (documents' text, new API keys) tells nothing to whoever reads it, and
    one caller's key never meets another's.
    """

    def __init__(self, token: str, key: str) -> None:
        if not _PRINTABLE.match(key):
            raise InvalidIdempotencyKey(
                "An Idempotency-Key has 1 to 255 printable ASCII characters.",
                param="Idempotency-Key",
            )
        self.entry_id = _derived(token, "entry", key).hex()
        self._cipher = AESGCM(_derived(token, "answer", key))

    def seal(self, answer: KeptAnswer) -> bytes:
        """The answer for the table."""
        head = json.dumps([answer.status, answer.headers]).encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = head + b"\n" + answer.body
        return nonce + self._cipher.encrypt(nonce, plain, self.entry_id.encode())

    def open(self, sealed: bytes) -> KeptAnswer:
        """The answer again."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        plain = self._cipher.decrypt(nonce, rest, self.entry_id.encode())
        head, _, body = plain.partition(b"\n")
        status, headers = json.loads(head)
        return KeptAnswer(status, tuple((name, value) for name, value in headers), body)


def _derived(token: str, purpose: str, key: str) -> bytes:
    return hmac.digest(token.encode(), f"{purpose}\0{key}".encode(), hashlib.sha256)
