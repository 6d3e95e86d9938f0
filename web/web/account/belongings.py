"""What the account page shows beside keys and usage: sessions and workspaces."""

from typing import Annotated, Any

from contracts.accounts import Power, SignUpMode
from runtime.provide import provided
from web.clients.accounts import Accounts
from web.clients.workspaces import Workspaces
from web.visitors import Visitor


class Belongings:
    """Asks the gateway for them."""

    def __init__(
        self,
        accounts: Annotated[Accounts, provided(Accounts)],
        workspaces: Annotated[Workspaces, provided(Workspaces)],
    ) -> None:
        self._accounts = accounts
        self._workspaces = workspaces

    async def of(self, visitor: Visitor) -> dict[str, Any]:
        """What partials/sessions.html and partials/workspaces.html need."""
        is_open = (await self._accounts.installation()).sign_up is SignUpMode.OPEN
        member = visitor.member
        return {
            "sessions": await self._accounts.sessions(visitor.token),
            "workspaces": await self._workspaces.all(visitor.token),
            "may_make_workspaces": member.is_operator
            or (is_open and member.workspace.power is not Power.GUEST),
        }
