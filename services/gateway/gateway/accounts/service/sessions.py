"""Signing in and out."""

from datetime import timedelta

from contracts.accounts import MemberView, SessionView, SignIn
from contracts.ids import new_id
from contracts.lists import Deleted
from gateway.accounts.errors import WrongCredentials
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import SESSION_PREFIX, new_token, plain_email, token_hash
from gateway.accounts.service.views import member_view
from gateway.accounts.tables import Session
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.passwords import Passwords
from gateway.signed_in import NotSignedIn


class SessionService:
    """Opens sessions for those who know their password, and ends them."""

    def __init__(
        self, database: Database, passwords: Passwords, days: int, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._lifetime = timedelta(days=days)
        self._clock = clock

    async def sign_in(self, credentials: SignIn) -> SessionView:
        """Open a session. Unknown e-mail and wrong password are one answer, in the same time."""
        async with self._database.transaction() as tx:
            member = await AccountRepository(tx).member_of_email(plain_email(credentials.email))
        # Hashing takes a tenth of a second: no connection is held meanwhile.
        password_hash = None if member is None else member.password_hash
        fits = await self._passwords.fits(credentials.password, password_hash)
        if member is None or not fits:
            raise WrongCredentials("E-mail or password is wrong.")
        async with self._database.transaction() as tx:
            standing = await AccountRepository(tx).first_standing(member.id)
            if standing is None:
                raise WrongCredentials("E-mail or password is wrong.")
            return self.open(tx, standing)

    def open(
        self, tx: Transaction, standing: Standing, lifetime: timedelta | None = None
    ) -> SessionView:
        """A session for somebody who has proved who they are, in the caller's transaction."""
        token = new_token(SESSION_PREFIX)
        expires_at = self._clock() + (lifetime or self._lifetime)
        AccountRepository(tx).add(
            Session(
                id=new_id("ses_"),
                token_hash=token_hash(token),
                member_id=standing.member.id,
                workspace_id=standing.workspace.id,
                expires_at=expires_at,
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
            raise NotSignedIn("Your session has ended. Sign in again.")
        return Deleted(id=ended, object="session.deleted")

    async def me(self, caller: Caller) -> MemberView:
        """The caller, and the workspace they work in."""
        async with self._database.transaction() as tx:
            standing = await AccountRepository(tx).standing(caller.member_id, caller.workspace_id)
        if standing is None:
            raise NotSignedIn("Your session has ended. Sign in again.")
        return member_view(standing)
