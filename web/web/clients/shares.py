"""Links to conversations: made, listed, revoked, and what they show."""

from contracts.lists import Deleted, Page
from contracts.shares import ShareCreated, SharedConversation, ShareView
from web.clients.gateway import Gateway

MOST_SHARES = 20
MESSAGES_SHOWN = 100


class Shares:
    """What a member shows of their conversations, and what others see."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def make(self, token: str, conversation_id: str, key: str) -> ShareCreated:
        """A link to what is shown now; the same one however often it is sent with this key."""
        path = f"/v1/conversations/{conversation_id}/shares"
        return await self._gateway.post_once(ShareCreated, token, path, key)

    async def of(self, token: str, conversation_id: str) -> list[ShareView]:
        """The links to a conversation, latest first; there are at most twenty."""
        path = f"/v1/conversations/{conversation_id}/shares"
        query: dict[str, str | int] = {"limit": MOST_SHARES, "order": "desc"}
        return (await self._gateway.get(Page[ShareView], token, path, query)).data

    async def revoke(self, token: str, share_id: str) -> None:
        """From now on the link opens nothing."""
        await self._gateway.delete(Deleted, token, f"/v1/shares/{share_id}")

    async def open(self, token: str | None, share_token: str, after: int) -> SharedConversation:
        """What a link shows. token: the reader's session, if they have one."""
        query: dict[str, str | int] = {"limit": MESSAGES_SHOWN, "after": after}
        path = f"/v1/shared/{share_token}"
        return await self._gateway.get(SharedConversation, token, path, query)
