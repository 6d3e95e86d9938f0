"""Signing in and out, and the sessions somebody has."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from contracts.accounts import (
    MemberView,
    SessionChange,
    SessionInfo,
    SessionsEnded,
    SessionView,
    SignIn,
)
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.accounts.errors import (
    AccountSuspended,
    InNoWorkspace,
    NotInWorkspace,
    SessionNotFound,
    WrongCredentials,
)
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import SESSION_PREFIX, device_of, new_token, plain_email, token_hash
from gateway.accounts.service.views import member_view, session_info
from gateway.accounts.tables import Member, Session
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.guessing.rules import Attempt
from gateway.guessing.service import Guesses
from gateway.passwords import Passwords
from gateway.settings import SessionLimits
from gateway.signed_in import NotSignedIn
from gateway.visit import Visit

_WRONG = "E-mail or password is wrong."
_ENDED = "Your session has ended. Sign in again."


@dataclass(frozen=True)
class SessionParts:
    """What sessions stand on. guesses: None where nobody signs in, such as on the command line."""

    database: Database
    passwords: Passwords
    limits: SessionLimits
    guesses: Guesses | None = None
    clock: Clock = utc_now


class SessionService:
    """Opens sessions for those who know their password, shows them, and ends them."""

    def __init__(self, parts: SessionParts) -> None:
        self.parts = parts
        self._database = parts.database
        self._clock = parts.clock

    async def sign_in(self, credentials: SignIn, visit: Visit) -> SessionView:
        """Open a session. Unknown e-mail and wrong password are one answer, in the same time."""
        email = plain_email(credentials.email)
        async with self.guesses.attempt(Attempt("sign-in", visit.address, email)):
            async with self._database.transaction() as tx:
                member = await AccountRepository(tx).member_of_email(email)
            # Hashing takes a tenth of a second: no connection is held meanwhile.
            password_hash = None if member is None else member.password_hash
            fits = await self.parts.passwords.fits(credentials.password, password_hash)
            if member is None or not fits:
                raise WrongCredentials(_WRONG)
        async with self._database.transaction() as tx:
            standing = await self._standing(tx, member)
            return self.open(tx, standing, device=device_of(visit.agent))

    async def check_password(self, caller: Caller, password: SecretStr, visit: Visit) -> None:
        """Once more the password of somebody who is signed in. Raises WrongCredentials."""
        async with self.guesses.attempt(Attempt("password", visit.address, caller.member_id)):
            async with self._database.transaction() as tx:
                member = await AccountRepository(tx).member(caller.member_id)
            password_hash = None if member is None else member.password_hash
            if not await self.parts.passwords.fits(password, password_hash):
                raise WrongCredentials("The password is wrong.", param="password")

    def open(
        self,
        tx: Transaction,
        standing: Standing,
        lifetime: timedelta | None = None,
        device: str = "",
    ) -> SessionView:
        """A session for somebody who has proved who they are, in the caller's transaction."""
        token, session_id = new_token(SESSION_PREFIX), new_id("ses_")
        expires_at = self._clock() + (lifetime or timedelta(days=self.parts.limits.days))
        Acts(tx).record_member(
            Act.SESSION_OPENED, standing.member.id, session_id, standing.workspace.id
        )
        AccountRepository(tx).add(
            Session(
                id=session_id,
                token_hash=token_hash(token),
                member_id=standing.member.id,
                workspace_id=standing.workspace.id,
                device=device,
                expires_at=expires_at,
                created_at=self._clock(),
            )
        )
        return SessionView(
            token=token, member=member_view(standing), expires_at=unix_seconds(expires_at)
        )

    async def sign_out(self, token: str) -> Deleted:
        """End the session of this token."""
        async with self._database.transaction() as tx:
            ended = await AccountRepository(tx).end_session(token_hash(token), self._clock())
        if ended is None:
            raise NotSignedIn(_ENDED)
        return Deleted(id=ended, object="session.deleted")

    async def list(self, caller: Caller, token: str) -> Page[SessionInfo]:
        """The caller's sessions that work, the last used first."""
        now, current = self._clock(), token_hash(token)
        idle_since = now - timedelta(days=self.parts.limits.idle_days)
        async with self._database.transaction() as tx:
            found = await AccountRepository(tx).open_sessions(caller.member_id, now, idle_since)
        views = [
            session_info(session, name, is_current=session.token_hash == current)
            for session, name in found
        ]
        ends = (views[0].id, views[-1].id) if views else (None, None)
        return Page(data=views, first_id=ends[0], last_id=ends[1])

    async def end(self, caller: Caller, session_id: str) -> Deleted:
        """End one of the caller's sessions."""
        async with self._database.transaction() as tx:
            if not await AccountRepository(tx).end_one(caller.member_id, session_id, self._clock()):
                raise SessionNotFound(f"There is no session {session_id}.")
            Acts(tx).record(Act.SESSION_REVOKED, caller, session_id)
        return Deleted(id=session_id, object="session.deleted")

    async def end_others(self, caller: Caller, token: str) -> SessionsEnded:
        """End every session of the caller's but this one."""
        async with self._database.transaction() as tx:
            ended = await AccountRepository(tx).end_all(
                caller.member_id, self._clock(), but=token_hash(token)
            )
            Acts(tx).record(Act.SESSION_REVOKED, caller, None)
        return SessionsEnded(ended=ended)

    async def move(
        self, caller: Caller, token: str, change: SessionChange, visit: Visit
    ) -> SessionView:
        """Work in another workspace: a new token, and the old one opens nothing any more."""
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            standing = await repository.standing(caller.member_id, change.workspace_id)
            if standing is None:
                raise NotInWorkspace(
                    f"There is no workspace {change.workspace_id}.", param="workspace_id"
                )
            if await repository.end_session(token_hash(token), self._clock()) is None:
                raise NotSignedIn(_ENDED)
            Acts(tx).record(Act.SESSION_MOVED, caller, None, change.workspace_id)
            return self.open(tx, standing, device=device_of(visit.agent))

    async def me(self, caller: Caller) -> MemberView:
        """The caller, and the workspace they work in."""
        async with self._database.transaction() as tx:
            standing = await AccountRepository(tx).standing(caller.member_id, caller.workspace_id)
        if standing is None:
            raise NotSignedIn(_ENDED)
        return member_view(standing)

    @property
    def guesses(self) -> Guesses:
        """Who counts wrong passwords."""
        if self.parts.guesses is None:
            raise RuntimeError("nobody counts guesses here")
        return self.parts.guesses

    async def _standing(self, tx: Transaction, member: Member) -> Standing:
        """Where somebody who knows the password works first; they may know why nowhere."""
        standing = await AccountRepository(tx).first_standing(member.id)
        if standing is not None:
            return standing
        if member.suspended_at is not None:
            raise AccountSuspended("This account is suspended. Ask whoever runs this installation.")
        raise InNoWorkspace("This account is in no workspace any more. Ask for an invite.")
