"""Doors: what stands behind them, visits of guests, and the links that members make."""

from contracts.doors import DoorView, LinkCreate, LinkCreated, LinkView, VisitCreated, VisitView
from contracts.lists import Deleted, Page
from web.clients.gateway import Gateway

MOST_LINKS = 20
_VISIT = "/v1/visits/current"


class Doors:
    """Ways to an assistant from outside its workspace."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def look(self, token: str | None, door: str) -> DoorView:
        """What stands behind a door. token: the session of whoever looks, if they have one."""
        return await self._gateway.get(DoorView, token, f"/v1/doors/{door}")

    async def picture(self, token: str | None, door: str) -> bytes:
        """The assistant's picture."""
        return await self._gateway.get_bytes(token, f"/v1/doors/{door}/avatar")

    async def come_in(self, door: str) -> VisitCreated:
        """Begin a visit of somebody without an account."""
        return await self._gateway.post(VisitCreated, None, f"/v1/doors/{door}/visits")

    async def follow(self, token: str, door: str) -> DoorView:
        """Let a member use, as themselves, what a link leads to."""
        return await self._gateway.post(DoorView, token, f"/v1/doors/{door}/follow")

    async def visit(self, token: str) -> VisitView:
        """A guest's visit as it stands."""
        return await self._gateway.get(VisitView, token, _VISIT)

    async def forget(self, token: str) -> None:
        """Erase what a guest said, and end their visit."""
        await self._gateway.delete(Deleted, token, _VISIT)

    async def links(self, token: str, assistant_id: str) -> list[LinkView]:
        """The links to an assistant that live, latest first; there are at most twenty."""
        query: dict[str, str | int] = {"limit": MOST_LINKS, "order": "desc"}
        path = f"/v1/assistants/{assistant_id}/links"
        return (await self._gateway.get(Page[LinkView], token, path, query)).data

    async def make_link(
        self, token: str, assistant_id: str, wanted: LinkCreate, key: str
    ) -> LinkCreated:
        """A link by which whoever has it may ask, the same one however often it is sent with this
        key. Only now its address is told."""
        path = f"/v1/assistants/{assistant_id}/links"
        return await self._gateway.post_once(LinkCreated, token, path, key, wanted)

    async def revoke_link(self, token: str, link_id: str) -> None:
        """From now on the link opens nothing, and who came by it is out."""
        await self._gateway.delete(Deleted, token, f"/v1/links/{link_id}")
