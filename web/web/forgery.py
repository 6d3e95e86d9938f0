"""Forms that only our own pages can send: an origin check, and a token bound to the visitor."""

import base64
import binascii
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request

from contracts.errors import ErrorKind, StoreError

_SALT_BYTES = 16


class ForeignForm(StoreError):
    """A form was sent from another site."""

    kind = ErrorKind.FORBIDDEN
    code = "foreign_form"


class StaleForm(StoreError):
    """A form's token does not belong to this visitor's session (any more)."""

    kind = ErrorKind.FORBIDDEN
    code = "stale_form"


def is_from_our_pages(request: Request) -> bool:
    """What the browser says about where a form came from. Old browsers say nothing: the token
    decides then."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    return True


class FormTokens:
    """Makes and checks the hidden token of forms."""

    def __init__(self, service_key: bytes) -> None:
        self._key = hmac.digest(service_key, b"stoa web form tokens", hashlib.sha256)

    def make(self, binding: str) -> str:
        """A token for one visitor. Salted anew each time: compressed pages then leak nothing."""
        salt = secrets.token_bytes(_SALT_BYTES)
        return base64.urlsafe_b64encode(salt + self._mac(salt, binding)).decode()

    def check(self, token: str, binding: str) -> None:
        """Raises StaleForm unless the token was made for this binding."""
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except (binascii.Error, ValueError):
            raw = b""
        salt, mac = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
        if not hmac.compare_digest(mac, self._mac(salt, binding)):
            raise StaleForm("This form is out of date. Reload the page and send it again.")

    def _mac(self, salt: bytes, binding: str) -> bytes:
        return hmac.digest(self._key, salt + binding.encode(), hashlib.sha256)
