"""API keys of a member."""

from contracts.accounts import KeyCreate, KeyCreated, KeyKind, KeyView
from contracts.lists import Deleted, Page
from web.clients.gateway import Gateway

PAGE_SIZE = 50


class Keys:
    """What a member's own programs sign in with."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def page(
        self, token: str, after: str = "", assistant_id: str = "", kind: KeyKind | None = None
    ) -> Page[KeyView]:
        """The member's keys, newest first, or the keys of one assistant; kind: None: of both."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if after:
            query["after"] = after
        if assistant_id:
            query["assistant_id"] = assistant_id
        if kind is not None:
            query["kind"] = kind.value
        return await self._gateway.get(Page[KeyView], token, "/v1/keys", query)

    async def create(self, token: str, wanted: KeyCreate) -> KeyCreated:
        """Make a key. Its secret is in this answer and nowhere else."""
        return await self._gateway.post(KeyCreated, token, "/v1/keys", wanted)

    async def revoke(self, token: str, key_id: str) -> None:
        """From now on the key opens nothing."""
        await self._gateway.delete(Deleted, token, f"/v1/keys/{key_id}")
