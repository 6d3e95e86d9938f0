"""Assistants and the models they may run on."""

from dataclasses import dataclass

from contracts.assistants import (
    AssistantCreate,
    AssistantModify,
    AssistantView,
    Sharing,
    Visibility,
)
from contracts.chat import ModelView
from contracts.errors import StoreError
from contracts.lists import Deleted, Page
from contracts.versions import AssistantPublish
from web.clients.gateway import Gateway

PAGE_SIZE = 50


@dataclass(frozen=True)
class Listing:
    """A published assistant as anybody sees it who may ask it."""

    id: str
    name: str
    description: str
    starters: list[str]


class Assistants:
    """What builders make."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def page(self, token: str, after: str = "") -> Page[AssistantView]:
        """Assistants of the workspace, newest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if after:
            query["after"] = after
        return await self._gateway.get(Page[AssistantView], token, "/v1/assistants", query)

    async def get(self, token: str, assistant_id: str) -> AssistantView:
        """One assistant, by id or slug."""
        return await self._gateway.get(AssistantView, token, f"/v1/assistants/{assistant_id}")

    async def create(self, token: str, fields: AssistantCreate) -> AssistantView:
        """Make an assistant."""
        return await self._gateway.post(AssistantView, token, "/v1/assistants", fields)

    async def modify(
        self, token: str, assistant_id: str, changes: AssistantModify
    ) -> AssistantView:
        """Change the draft."""
        path = f"/v1/assistants/{assistant_id}"
        return await self._gateway.post(AssistantView, token, path, changes)

    async def publish(self, token: str, assistant_id: str, note: str = "") -> AssistantView:
        """Freeze the draft as the next version. note: what is new in it."""
        path = f"/v1/assistants/{assistant_id}/publish"
        return await self._gateway.post(AssistantView, token, path, AssistantPublish(note=note))

    async def share(self, token: str, assistant_id: str, visibility: Visibility) -> AssistantView:
        """Say who may ask it."""
        path = f"/v1/assistants/{assistant_id}/sharing"
        return await self._gateway.put(AssistantView, token, path, Sharing(visibility=visibility))

    async def askable(self, token: str, assistant_id: str) -> AssistantView | Listing:
        """One of the workspace, or a public one of another."""
        try:
            return await self.get(token, assistant_id)
        except StoreError as error:
            if error.code != "assistant_not_found":
                raise
        path = f"/a/{assistant_id}/v1/models/default"
        return _listing(await self._gateway.get(ModelView, token, path))

    async def askable_ones(self, token: str) -> list[Listing]:
        """Whatever the visitor may ask, wherever it is."""
        found = await self._gateway.get(Page[ModelView], token, "/v1/models")
        return [_listing(model) for model in found.data if model.assistant_id is not None]

    async def of_others(self, token: str, workspace_id: str) -> list[Listing]:
        """Public assistants of other workspaces."""
        found = await self._gateway.get(Page[ModelView], token, "/v1/models")
        return [
            _listing(model)
            for model in found.data
            if model.assistant_id is not None and model.owned_by != workspace_id
        ]

    async def delete(self, token: str, assistant_id: str) -> None:
        """Delete it with its versions."""
        await self._gateway.delete(Deleted, token, f"/v1/assistants/{assistant_id}")

    async def models(self, token: str) -> list[str]:
        """Models that run here. The list also holds assistants, which have a name."""
        found = await self._gateway.get(Page[ModelView], token, "/v1/models")
        return [model.id for model in found.data if model.name is None]

    async def first_callable(self, token: str) -> str | None:
        """What a call may name as its model: an assistant if there is one, else a model."""
        found = await self._gateway.get(Page[ModelView], token, "/v1/models")
        by_kind = sorted(found.data, key=lambda model: model.name is None)
        return by_kind[0].id if by_kind else None


def _listing(model: ModelView) -> Listing:
    return Listing(
        id=model.assistant_id or model.id,
        name=model.name or model.id,
        description=model.description or "",
        starters=model.starters or [],
    )
