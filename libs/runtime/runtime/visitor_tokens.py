"""How web tells the gateway for whom it calls: a signed header, good for one minute.

A bare `X-Forwarded-For` could be sent by anybody who reaches the gateway, and every limit on
guessing stands on the address. The key is of this purpose alone.
"""

import time
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

HEADER = "x-stoa-visitor"
VISITOR = HEADER.encode()
PURPOSE = "visitor addresses"
AUDIENCE = "stoa:visitor"
_ALGORITHM = "HS256"
_LIFETIME_SECONDS = 60
_SKEW_SECONDS = 10
_MOST_CHARACTERS = 300


@dataclass(frozen=True)
class Visitor:
    """Whoever looks at a page of web."""

    address: str
    agent: str
    language: str


class VisitorTokens:
    """Signs and reads the header. One algorithm, one audience, one key for nothing else."""

    def __init__(self, key: bytes) -> None:
        self._key = OctKey.import_key(key)

    def sign(self, visitor: Visitor) -> str:
        """The header's value."""
        claims = {
            "aud": AUDIENCE,
            "exp": int(time.time()) + _LIFETIME_SECONDS,
            "adr": visitor.address,
            "agt": visitor.agent[:_MOST_CHARACTERS],
            "lng": visitor.language[:_MOST_CHARACTERS],
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key)

    def read(self, token: str) -> Visitor | None:
        """The visitor; None for what was not signed here, for this, a moment ago."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
            jwt.JWTClaimsRegistry(
                leeway=_SKEW_SECONDS,
                exp={"essential": True},
                aud={"essential": True, "value": AUDIENCE},
            ).validate(claims)
            return Visitor(str(claims["adr"]), str(claims["agt"]), str(claims["lng"]))
        except (JoseError, KeyError, ValueError):
            return None
