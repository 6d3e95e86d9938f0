"""Assistants and the models they may run on."""

from contracts.assistants import AssistantCreate, AssistantModify, AssistantView
from contracts.chat import ModelView
from contracts.lists import Deleted, Page
from web.clients.gateway import Gateway

PAGE_SIZE = 50


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

    async def publish(self, token: str, assistant_id: str) -> AssistantView:
        """Freeze the draft as the next version."""
        path = f"/v1/assistants/{assistant_id}/publish"
        return await self._gateway.post(AssistantView, token, path)

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
