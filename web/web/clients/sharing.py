"""With whom assistants and collections are shared, and the groups and members there are."""

from typing import TypeVar

from pydantic import BaseModel

from contracts.files import CollectionView
from contracts.lists import Deleted, Page
from contracts.sharing import (
    AssistantGrant,
    Colleague,
    CollectionGrant,
    CollectionSharing,
    CollectionVisibility,
    GrantPower,
    GroupCreate,
    GroupModify,
    GroupView,
    SharingView,
)
from web.clients.gateway import Gateway

PAGE_SIZE = 100
MOST_PAGES = 10
M = TypeVar("M", Colleague, GroupView)


class Nothing(BaseModel):
    """A body without fields."""


class Sharings:
    """Shares, and knows with whom one can."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def of_assistant(self, token: str, assistant_id: str) -> SharingView:
        """Who may ask or edit an assistant."""
        path = f"/v1/assistants/{assistant_id}/sharing"
        return await self._gateway.get(SharingView, token, path)

    async def of_collection(self, token: str, collection_id: str) -> SharingView:
        """Who may read, use or change a collection."""
        path = f"/v1/vector_stores/{collection_id}/sharing"
        return await self._gateway.get(SharingView, token, path)

    async def collection(self, token: str, collection_id: str) -> CollectionView:
        """A collection."""
        path = f"/v1/vector_stores/{collection_id}"
        return await self._gateway.get(CollectionView, token, path)

    async def grant(
        self, token: str, target: str, grantee_id: str, power: GrantPower
    ) -> SharingView:
        """Give one member or group one more power over an assistant or a collection."""
        kind = CollectionGrant if _is_collection(target) else AssistantGrant
        wanted = kind.model_validate({"powers": [power.value]})
        return await self._gateway.post(SharingView, token, _path(target, grantee_id), wanted)

    async def take(self, token: str, target: str, grantee_id: str) -> SharingView:
        """Take all powers from one member or group."""
        return await self._gateway.delete(SharingView, token, _path(target, grantee_id))

    async def open_collection(
        self, token: str, collection_id: str, visibility: CollectionVisibility
    ) -> None:
        """Let the workspace read a collection, or only those it is shared with; they stay."""
        path = f"/v1/vector_stores/{collection_id}/sharing"
        await self._gateway.put(
            CollectionView, token, path, CollectionSharing(visibility=visibility)
        )

    async def colleagues(self, token: str) -> list[Colleague]:
        """Who is in the workspace."""
        return await self._all(Page[Colleague], token, "/v1/members")

    async def groups(self, token: str) -> list[GroupView]:
        """The groups of the workspace."""
        return await self._all(Page[GroupView], token, "/v1/groups")

    async def members(self, token: str, group_id: str) -> list[Colleague]:
        """Who is in a group."""
        return await self._all(Page[Colleague], token, f"/v1/groups/{group_id}/members")

    async def make_group(self, token: str, name: str) -> GroupView:
        """Make a group."""
        return await self._gateway.post(GroupView, token, "/v1/groups", GroupCreate(name=name))

    async def rename_group(self, token: str, group_id: str, name: str) -> None:
        """Give a group another name."""
        body = GroupModify(name=name)
        await self._gateway.post(GroupView, token, f"/v1/groups/{group_id}", body)

    async def delete_group(self, token: str, group_id: str) -> None:
        """Delete a group, and what was shared with it."""
        await self._gateway.delete(Deleted, token, f"/v1/groups/{group_id}")

    async def put_in_group(self, token: str, group_id: str, member_id: str) -> None:
        """Take a member in."""
        path = f"/v1/groups/{group_id}/members/{member_id}"
        await self._gateway.put(GroupView, token, path, Nothing())

    async def take_out_of_group(self, token: str, group_id: str, member_id: str) -> None:
        """Take a member out."""
        path = f"/v1/groups/{group_id}/members/{member_id}"
        await self._gateway.delete(GroupView, token, path)

    async def _all(self, kind: type[Page[M]], token: str, path: str) -> list[M]:
        found: list[M] = []
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "asc"}
        for _ in range(MOST_PAGES):
            page = await self._gateway.get(kind, token, path, query)
            found += page.data
            if not page.has_more or page.last_id is None:
                break
            query["after"] = page.last_id
        return found


def _is_collection(target: str) -> bool:
    return target.startswith("vs_")


def _path(target: str, grantee_id: str) -> str:
    kind = "vector_stores" if _is_collection(target) else "assistants"
    return f"/v1/{kind}/{target}/sharing/{grantee_id}"
