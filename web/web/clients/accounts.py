"""Sessions and members."""

import httpx2
from pydantic import BaseModel

from contracts.accounts import (
    ClaimAccount,
    MemberView,
    SessionInfo,
    SessionsEnded,
    SessionView,
    SignIn,
    SignUpMode,
)
from contracts.credentials import (
    Confirmed,
    EmailChange,
    EmailChanging,
    LetterUnderWay,
    PasswordChange,
    PasswordReset,
    PasswordWasReset,
    ProfileChange,
    ResetRequest,
    SignUp,
    SignUpReceived,
)
from contracts.lists import Deleted, Page
from web.clients.gateway import Gateway


class Installation(BaseModel):
    """What anyone may know of the installation."""

    claimed: bool
    name: str
    version: str
    sign_up: SignUpMode = SignUpMode.INVITE
    sends_mail: bool = False
    shares_with_anyone: bool = False
    admits_guests: bool = False


class Accounts:
    """Who one is."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def installation(self) -> Installation:
        """Whether somebody claimed it already."""
        return await self._gateway.get(Installation, None, "/v1/installation")

    async def claim(self, claim: ClaimAccount) -> SessionView:
        """Take the operator's account."""
        body = {
            "token": claim.token,
            "email": claim.email,
            "name": claim.name,
            "password": claim.password.get_secret_value(),
        }
        return await self._gateway.post_secret(SessionView, "/v1/accounts/claim", body)

    async def sign_in(self, credentials: SignIn) -> SessionView:
        """Open a session."""
        body = {
            "email": credentials.email,
            "password": credentials.password.get_secret_value(),
        }
        return await self._gateway.post_secret(SessionView, "/v1/sessions", body)

    async def sign_out(self, token: str) -> None:
        """End the session everywhere."""
        await self._gateway.delete(Deleted, token, "/v1/sessions/current")

    async def me(self, token: str) -> MemberView:
        """The member the session belongs to."""
        return await self._gateway.get(MemberView, token, "/v1/me")

    async def sign_up(self, wanted: SignUp) -> SignUpReceived:
        """Make an account without an invite; the answer is the same for every address."""
        body = {
            "email": wanted.email,
            "name": wanted.name,
            "password": wanted.password.get_secret_value(),
        }
        return await self._gateway.post_secret(SignUpReceived, "/v1/accounts", body)

    async def ask_for_reset(self, wanted: ResetRequest) -> None:
        """Have a link sent."""
        body = {"email": wanted.email}
        await self._gateway.post_secret(LetterUnderWay, "/v1/password-resets", body)

    async def reset(self, wanted: PasswordReset) -> None:
        """Set a new password with a letter's token."""
        body = {"token": wanted.token, "password": wanted.password.get_secret_value()}
        await self._gateway.post_secret(PasswordWasReset, "/v1/password-resets/use", body)

    async def confirm(self, link_token: str) -> None:
        """Confirm an address with a letter's token."""
        body = {"token": link_token}
        await self._gateway.post_secret(Confirmed, "/v1/accounts/confirm", body)

    async def resend(self, token: str) -> None:
        """Send the letter of a new account again."""
        await self._gateway.post(LetterUnderWay, token, "/v1/accounts/confirm/resend")

    async def change_profile(self, token: str, wanted: ProfileChange) -> MemberView:
        """Be called otherwise."""
        return await self._gateway.patch(MemberView, token, "/v1/me", wanted)

    async def change_email(self, token: str, wanted: EmailChange) -> EmailChanging:
        """Have another address."""
        body = {"email": wanted.email, "password": wanted.password.get_secret_value()}
        return await self._gateway.post_secret(EmailChanging, "/v1/me/email", body, token)

    async def change_password(self, token: str, wanted: PasswordChange) -> SessionView:
        """Have another password; all sessions end but the one in the answer."""
        body = {
            "old_password": wanted.old_password.get_secret_value(),
            "password": wanted.password.get_secret_value(),
        }
        return await self._gateway.post_secret(SessionView, "/v1/me/password", body, token)

    async def sessions(self, token: str) -> list[SessionInfo]:
        """Where one is signed in, the last used first."""
        return (await self._gateway.get(Page[SessionInfo], token, "/v1/sessions")).data

    async def end_session(self, token: str, session_id: str) -> None:
        """Sign out somewhere else."""
        await self._gateway.delete(Deleted, token, f"/v1/sessions/{session_id}")

    async def end_other_sessions(self, token: str) -> None:
        """Sign out everywhere else."""
        await self._gateway.delete(SessionsEnded, token, "/v1/sessions")

    async def delete(self, token: str, password: str) -> None:
        """End the account."""
        body = {"password": password}
        await self._gateway.post_secret(Deleted, "/v1/me/delete", body, token)

    async def export(self, token: str, password: str) -> httpx2.Response:
        """The archive of what is one's own, to be read as a stream and closed."""
        body = {"password": password}
        return await self._gateway.streamed(token, "POST", "/v1/me/export", json=body)
