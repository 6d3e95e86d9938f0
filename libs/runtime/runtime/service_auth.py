"""Short-lived signed tokens by which services trust each other, naming whom a call acts for."""

import time
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import ValidationError
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.principal import Principal
from runtime.provide import provided

_ALGORITHM = "HS256"
LIFETIME_SECONDS = 60
CLOCK_SKEW_SECONDS = 10
MINIMUM_SECRET_BYTES = 32


class NotAService(StoreError):
    """The caller showed no valid service token for this service."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "invalid_service_token"


class ServiceTokens:
    """Signs and checks service tokens. One algorithm, a purpose in `aud`, a minute to live."""

    def __init__(self, secret: bytes, service: str) -> None:
        if len(secret) < MINIMUM_SECRET_BYTES:
            raise ValueError(f"the service secret needs at least {MINIMUM_SECRET_BYTES} bytes")
        self._key = OctKey.import_key(secret)
        self._service = service

    def sign(self, audience: str, principal: Principal) -> str:
        """A token for one service, acting for `principal`."""
        now = int(time.time())
        claims = {
            "iss": self._service,
            "aud": audience,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "principal": principal.model_dump(mode="json"),
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key)

    def verify(self, token: str) -> Principal:
        """Whom the bearer acts for. Raises NotAService."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
            jwt.JWTClaimsRegistry(
                leeway=CLOCK_SKEW_SECONDS,
                exp={"essential": True},
                aud={"essential": True, "value": self._service},
            ).validate(claims)
            return Principal.model_validate(claims["principal"])
        except (JoseError, ValidationError, KeyError, ValueError) as error:
            raise NotAService("A valid service token is needed here.") from error


def _principal(
    request: Request, tokens: Annotated[ServiceTokens, provided(ServiceTokens)]
) -> Principal:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAService("A valid service token is needed here.")
    return tokens.verify(token)


CallingFor = Annotated[Principal, Depends(_principal)]
"""Routes between services take this: no token, no answer."""


class ServiceRoute(APIRoute):
    """A route between services: the token first, then the body, which may be very large.

    FastAPI by itself reads and parses a body before any dependency can refuse its sender.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Our question before its answer."""
        handle = super().get_route_handler()

        async def ask_first(request: Request) -> Response:
            _principal(request, request.state.provided[ServiceTokens])
            return await handle(request)

        return ask_first
