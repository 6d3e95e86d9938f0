"""How a route learns who asks: `SignedIn`, or `signed_in_with(Scope.X)` where keys need a scope.

Nothing but the Authorization header is read: no cookie, no query string, no second header.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from contracts.accounts import Scope
from contracts.errors import ErrorKind, StoreError
from gateway.caller import Caller
from runtime.provide import provided


class NotSignedIn(StoreError):
    """No token came along, or the session has ended."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "not_signed_in"


class InvalidKey(StoreError):
    """The key is unknown, expired or revoked."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "invalid_api_key"


class ScopeMissing(StoreError):
    """The key is good, but not for this."""

    kind = ErrorKind.FORBIDDEN
    code = "scope_missing"


class SessionOnly(StoreError):
    """Only a signed-in person may do this, not a key."""

    kind = ErrorKind.FORBIDDEN
    code = "session_only"


class Doorkeeper:
    """Knows who holds a token. accounts fills it in wiring, so that no feature imports it back."""

    def __init__(self, identify: Callable[[str], Awaitable[Caller]]) -> None:
        self._identify = identify

    async def identify(self, token: str) -> Caller:
        """Whose token this is. Raises NotSignedIn or InvalidKey."""
        return await self._identify(token)


def bearer_token(request: Request) -> str:
    """The token of the Authorization header. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Sign in, or send an API key as `Authorization: Bearer <key>`.")
    return token.strip()


async def _signed_in(
    request: Request, doorkeeper: Annotated[Doorkeeper, provided(Doorkeeper)]
) -> Caller:
    return await doorkeeper.identify(bearer_token(request))


SignedIn = Annotated[Caller, Depends(_signed_in)]
"""Any session or key, whatever its scopes."""


def signed_in_with(scope: Scope) -> Any:
    """A dependency on a caller whose key (if it is one) has `scope`."""

    def check(caller: SignedIn) -> Caller:
        if scope not in caller.scopes:
            raise ScopeMissing(f"This key does not have the scope `{scope}`.")
        return caller

    check.__name__ = f"signed_in_with_{scope}"
    return Depends(check)


def _by_password(caller: SignedIn) -> Caller:
    if caller.key_id is not None:
        raise SessionOnly("Sign in to do this: a key may not.")
    return caller


SignedInByPassword = Annotated[Caller, Depends(_by_password)]
"""A session, never a key."""
