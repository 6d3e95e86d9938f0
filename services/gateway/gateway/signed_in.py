"""How a route learns who asks: `SignedIn`, or `signed_in_with(Scope.X)` where keys need a scope.

Nothing but the Authorization header is read: no cookie, no query string, no second header.

A key bound to one assistant opens no route at all, unless the route says by `open_to_bound_keys`
that it keeps to the caller's assistant. A new route is therefore closed to them. So it is to guests
who came by a door, unless it says `open_to_visits`, and to publishable keys, which anybody may read
in a web page, unless it says `open_to_publishable_keys`.
"""

from dataclasses import replace
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from contracts.accounts import Scope
from contracts.errors import ErrorKind, StoreError
from gateway.caller import Caller
from gateway.cross_origin import OriginNotAllowed, answer_may_be_read_by
from runtime.provide import provided


class NotSignedIn(StoreError):
    """No token came along, or the session has ended."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "not_signed_in"


class AccountPending(StoreError):
    """The account waits for its address to be confirmed, and opens nothing before."""

    kind = ErrorKind.FORBIDDEN
    code = "account_pending"


class InvalidKey(StoreError):
    """The key is unknown, expired or revoked."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "invalid_api_key"


class ScopeMissing(StoreError):
    """The key is good, but not for this."""

    kind = ErrorKind.FORBIDDEN
    code = "scope_missing"


class KeyBound(StoreError):
    """The key opens one assistant, and this is something else."""

    kind = ErrorKind.FORBIDDEN
    code = "key_bound"


class MembersOnly(StoreError):
    """A guest is here for one assistant, and this is something else."""

    kind = ErrorKind.FORBIDDEN
    code = "members_only"


class SessionOnly(StoreError):
    """Only a signed-in person may do this, not a key."""

    kind = ErrorKind.FORBIDDEN
    code = "session_only"


class Doorkeeper:
    """Knows who holds a token. accounts fills it in wiring, so that no feature imports it back."""

    def __init__(self, identify: "Identify") -> None:
        self._identify = identify

    async def identify(self, token: str, *, even_pending: bool = False) -> Caller:
        """Whose token this is. Raises NotSignedIn, InvalidKey or AccountPending."""
        return await self._identify(token, even_pending=even_pending)


class Identify(Protocol):
    """How accounts tells whose token it is."""

    async def __call__(self, token: str, *, even_pending: bool = False) -> Caller:
        """See Doorkeeper.identify."""
        ...


TheDoorkeeper = Annotated[Doorkeeper, provided(Doorkeeper)]


def bearer_token(request: Request) -> str:
    """The token of the Authorization header. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Sign in, or send an API key as `Authorization: Bearer <key>`.")
    return token.strip()


async def _whoever(request: Request, doorkeeper: TheDoorkeeper) -> Caller:
    """Who asks, and from where, by whatever key."""
    caller = await doorkeeper.identify(bearer_token(request))
    _check_origin(request, caller)
    # Behind the layers that settle who the client is: web's own visitors, a proxy's clients.
    caller = replace(caller, address="" if request.client is None else request.client.host)
    # The headers of the answer tell this caller's limits.
    request.state.caller = caller
    return caller


async def identified(request: Request, doorkeeper: TheDoorkeeper) -> Caller:
    """Who asks, and from where, by a session or a secret key. Raises NotSignedIn, InvalidKey,
    KeyBound or OriginNotAllowed."""
    caller = await _whoever(request, doorkeeper)
    if caller.is_publishable:
        raise KeyBound("A publishable key asks its assistant, at `/a/…/v1`, and nothing else.")
    return caller


def _check_origin(request: Request, caller: Caller) -> None:
    """A key for some web sites is refused on others. Programs send no Origin, and pass; not with
    a key that is for web pages alone."""
    origin = request.headers.get("origin")
    if origin is None and caller.is_publishable:
        raise OriginNotAllowed("A publishable key is for the pages of its web sites alone.")
    if origin is None or not caller.origins:
        return
    if origin not in caller.origins:
        raise OriginNotAllowed("This key is not for use on this web site.")
    answer_may_be_read_by(origin, request)


def _member(caller: Annotated[Caller, Depends(identified)]) -> Caller:
    if caller.visits is not None:
        raise MembersOnly("Sign in to do this: as a guest you ask this assistant, and no more.")
    return caller


def _unbound(caller: Caller) -> Caller:
    if caller.assistant_id is not None:
        raise KeyBound("This key opens one assistant only, at its own address `/a/…/v1`.")
    return caller


async def _signed_in(caller: Annotated[Caller, Depends(_member)]) -> Caller:
    return _unbound(caller)


SignedIn = Annotated[Caller, Depends(_signed_in)]
"""Any session or key that is not bound to an assistant, whatever its scopes. No guest."""


def signed_in_with(scope: Scope) -> Any:
    """A dependency on a caller whose key (if it is one) has `scope` and is not bound."""

    def check(caller: SignedIn) -> Caller:
        return _with_scope(caller, scope)

    check.__name__ = f"signed_in_with_{scope}"
    return Depends(check)


def open_to_bound_keys(scope: Scope) -> Any:
    """The same also for bound keys: the route must keep to `caller.assistant_id` where set."""

    def check(caller: Annotated[Caller, Depends(_member)]) -> Caller:
        return _with_scope(caller, scope)

    check.__name__ = f"open_to_bound_keys_with_{scope}"
    return Depends(check)


def open_to_publishable_keys(scope: Scope) -> Any:
    """The same also for publishable keys: whatever the request says is a stranger's, and only
    messages are taken of it."""

    def check(caller: Annotated[Caller, Depends(_whoever)]) -> Caller:
        return _with_scope(_member(caller), scope)

    check.__name__ = f"open_to_publishable_keys_with_{scope}"
    return Depends(check)


def open_to_visits(scope: Scope) -> Any:
    """The same as `signed_in_with`, also for guests: what they name is loaded by policy, which
    opens to them their assistant and what they said to it."""

    def check(caller: Annotated[Caller, Depends(identified)]) -> Caller:
        return _with_scope(_unbound(caller), scope)

    check.__name__ = f"open_to_visits_with_{scope}"
    return Depends(check)


async def _perhaps_signed_in(request: Request, doorkeeper: TheDoorkeeper) -> Caller | None:
    if "authorization" not in request.headers:
        return None
    return _member(await identified(request, doorkeeper))


Anyone = Annotated[Caller | None, Depends(_perhaps_signed_in)]
"""A caller (a bound key too), or nobody. Whoever sends a token must send a good one."""


def perhaps_signed_in_with(scope: Scope) -> Any:
    """The same as `signed_in_with`, or nobody: the route decides what is open to strangers."""

    async def check(caller: Anyone) -> Caller | None:
        return None if caller is None else _with_scope(await _signed_in(caller), scope)

    check.__name__ = f"perhaps_signed_in_with_{scope}"
    return Depends(check)


def _with_scope(caller: Caller, scope: Scope) -> Caller:
    if scope not in caller.scopes:
        raise ScopeMissing(f"This key does not have the scope `{scope}`.")
    return caller


def _by_password(caller: SignedIn) -> Caller:
    if caller.key_id is not None:
        raise SessionOnly("Sign in to do this: a key may not.")
    return caller


SignedInByPassword = Annotated[Caller, Depends(_by_password)]
"""A session, never a key."""


async def _even_pending(request: Request, doorkeeper: TheDoorkeeper) -> Caller:
    caller = await doorkeeper.identify(bearer_token(request), even_pending=True)
    request.state.caller = caller
    return _by_password(_unbound(_member(caller)))


SignedInEvenPending = Annotated[Caller, Depends(_even_pending)]
"""A session, also of an account that waits for its confirmation: to resend it, and to sign out."""
