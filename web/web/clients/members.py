"""Members, invites, and coming in with one."""

from contracts.accounts import SessionView
from contracts.credentials import SignUp
from contracts.invites import (
    InviteCreate,
    InviteCreated,
    InviteOffer,
    InviteToken,
    InviteView,
    WorkspaceMember,
)
from contracts.lists import Deleted, Page
from web.clients.gateway import Gateway

PAGE_SIZE = 50


class Members:
    """Who is here, and who may come."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def page(self, token: str, after: str = "") -> Page[WorkspaceMember]:
        """Who is in the workspace; for operators, in every workspace."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE}
        if after:
            query["after"] = after
        return await self._gateway.get(Page[WorkspaceMember], token, "/v1/admin/members", query)

    async def invites(self, token: str) -> list[InviteView]:
        """The invites that could still be used, newest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        path = "/v1/admin/invites"
        return (await self._gateway.get(Page[InviteView], token, path, query)).data

    async def invite(self, token: str, wanted: InviteCreate) -> InviteCreated:
        """Make an invite. Its link is in this answer and nowhere else."""
        return await self._gateway.post(InviteCreated, token, "/v1/admin/invites", wanted)

    async def revoke(self, token: str, invite_id: str) -> None:
        """The invite opens nothing from now on."""
        await self._gateway.delete(Deleted, token, f"/v1/admin/invites/{invite_id}")

    async def look(self, invite: str) -> InviteOffer:
        """What an invite offers."""
        return await self._gateway.post_secret(InviteOffer, "/v1/invites/look", {"token": invite})

    async def sign_up(self, account: SignUp) -> SessionView:
        """Make an account with an invite."""
        body = {
            "email": account.email,
            "name": account.name,
            "password": account.password.get_secret_value(),
            "invite": account.invite or "",
        }
        return await self._gateway.post_secret(SessionView, "/v1/accounts", body)

    async def accept(self, token: str, invite: str) -> SessionView:
        """Join one more workspace; the session returned works there."""
        wanted = InviteToken(token=invite)
        return await self._gateway.post(SessionView, token, "/v1/invites/accept", wanted)

    async def accept_with_password(self, invite: str, password: str) -> SessionView:
        """The same without a session: the invited account's password comes along."""
        body = {"token": invite, "password": password}
        return await self._gateway.post_secret(SessionView, "/v1/invites/sign-in", body)
