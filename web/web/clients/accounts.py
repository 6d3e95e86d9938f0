"""Sessions and members."""

from pydantic import BaseModel

from contracts.accounts import ClaimAccount, MemberView, SessionView, SignIn
from contracts.lists import Deleted
from web.clients.gateway import Gateway


class Installation(BaseModel):
    """What anyone may know of the installation."""

    claimed: bool
    name: str
    version: str


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
