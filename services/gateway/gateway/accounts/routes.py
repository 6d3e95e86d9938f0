"""Accounts, sessions and keys on the public API."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from contracts.accounts import (
    ClaimAccount,
    InstallationView,
    KeyCreate,
    KeyCreated,
    KeyKind,
    KeyView,
    MemberView,
    Scope,
    SessionChange,
    SessionInfo,
    SessionsEnded,
    SessionView,
    SignIn,
)
from contracts.lists import Deleted, Page
from gateway.accounts.service.claiming import ClaimService
from gateway.accounts.service.keys import KeyService
from gateway.accounts.service.sessions import SessionService
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.signed_in import (
    SignedIn,
    SignedInByPassword,
    SignedInEvenPending,
    bearer_token,
    signed_in_with,
)
from gateway.visit import Visiting
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["accounts"])
Claims = Annotated[ClaimService, provided(ClaimService)]
Sessions = Annotated[SessionService, provided(SessionService)]
Keys = Annotated[KeyService, provided(KeyService)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]


@router.get("/installation")
async def installation(claims: Claims) -> InstallationView:
    """Whether somebody runs this installation yet."""
    return await claims.installation()


@router.post("/accounts/claim", status_code=201)
async def claim(account: ClaimAccount, visit: Visiting, claims: Claims) -> SessionView:
    """Take the operator's account with the one-time link."""
    return await claims.claim(account, visit)


@router.post("/sessions", status_code=201)
async def sign_in(credentials: SignIn, visit: Visiting, sessions: Sessions) -> SessionView:
    """Sign in with e-mail and password."""
    return await sessions.sign_in(credentials, visit)


@router.get("/sessions")
async def list_sessions(
    request: Request, caller: SignedInByPassword, sessions: Sessions
) -> Page[SessionInfo]:
    """The caller's own sessions, the last used first."""
    return await sessions.list(caller, bearer_token(request))


@router.delete("/sessions")
async def end_other_sessions(
    request: Request, caller: SignedInByPassword, sessions: Sessions
) -> SessionsEnded:
    """End every session of the caller's but the one of this call."""
    return await sessions.end_others(caller, bearer_token(request))


@router.put("/sessions/current")
async def change_workspace(
    request: Request,
    change: SessionChange,
    caller: SignedInByPassword,
    visit: Visiting,
    sessions: Sessions,
) -> SessionView:
    """Work in another workspace. The answer's token takes the place of this call's."""
    return await sessions.move(caller, bearer_token(request), change, visit)


@router.delete("/sessions/current")
async def sign_out(request: Request, _: SignedInEvenPending, sessions: Sessions) -> Deleted:
    """End the session this call is made with."""
    return await sessions.sign_out(bearer_token(request))


@router.delete("/sessions/{session_id}")
async def end_session(session_id: str, caller: SignedInByPassword, sessions: Sessions) -> Deleted:
    """End one of the caller's sessions."""
    return await sessions.end(caller, session_id)


@router.get("/me")
async def me(caller: SignedIn, sessions: Sessions) -> MemberView:
    """The member behind the session or key."""
    return await sessions.me(caller)


@router.post("/keys", status_code=201)
async def create_key(wanted: KeyCreate, caller: Manager, keys: Keys) -> KeyCreated:
    """Make a key; its secret is in this answer and nowhere else."""
    return await keys.create(caller, wanted)


@router.get("/keys")
async def list_keys(
    caller: Manager,
    page: Paging,
    keys: Keys,
    assistant_id: Annotated[str | None, Query(max_length=100)] = None,
    kind: KeyKind | None = None,
) -> Page[KeyView]:
    """The caller's keys; with assistant_id those bound to one assistant, with kind those of it."""
    return await keys.list(caller, page, assistant_id, kind)


@router.delete("/keys/{key_id}")
async def revoke_key(key_id: str, caller: Manager, keys: Keys) -> Deleted:
    """Revoke a key."""
    return await keys.revoke(caller, key_id)
