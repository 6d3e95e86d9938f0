"""Assistants and the models they may run on."""

from dataclasses import dataclass

from contracts.assistants import (
    AssistantCreate,
    AssistantModify,
    AssistantView,
    Sharing,
    Visibility,
)
from contracts.avatars import AvatarView
from contracts.building import (
    AssistantStatistics,
    DraftedAssistant,
    DraftRequest,
    FeedbackNote,
    Measure,
    RankedPassages,
    TestSearch,
    UnansweredQuestion,
)
from contracts.chat import ModelView
from contracts.definitions import Variable
from contracts.errors import StoreError
from contracts.lists import Deleted, Page
from contracts.versions import AssistantPublish
from web.clients.gateway import Gateway

PAGE_SIZE = 50
NOTES_SHOWN = 20
_DRAFT_SECONDS = 120
"""A small model on a small machine writes a draft in about a minute."""


@dataclass(frozen=True)
class Listing:
    """A published assistant as anybody sees it who may ask it."""

    id: str
    name: str
    description: str
    starters: list[str]
    variables: list[Variable]
    avatar: str | None
    shows_unanswered: bool


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
        """What is published of one, wherever it is; the draft of one that never was."""
        path = f"/a/{assistant_id}/v1/models/default"
        try:
            return _listing(await self._gateway.get(ModelView, token, path))
        except StoreError as error:
            if error.code != "assistant_not_published":
                raise
        return await self.get(token, assistant_id)

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

    async def avatar(self, token: str, assistant_id: str) -> AvatarView:
        """The draft's picture, and how far a new one is."""
        path = f"/v1/assistants/{assistant_id}/avatar"
        return await self._gateway.get(AvatarView, token, path)

    async def send_avatar(self, token: str, assistant_id: str, content: bytes) -> AvatarView:
        """Give the draft a picture."""
        path = f"/v1/assistants/{assistant_id}/avatar"
        return await self._gateway.put_bytes(AvatarView, token, path, content)

    async def remove_avatar(self, token: str, assistant_id: str) -> AvatarView:
        """Let the pattern stand for the draft."""
        path = f"/v1/assistants/{assistant_id}/avatar"
        return await self._gateway.delete(AvatarView, token, path)

    async def picture(self, token: str, assistant_id: str, picture_hash: str) -> bytes:
        """A picture's bytes."""
        path = f"/v1/assistants/{assistant_id}/avatar/{picture_hash}"
        return await self._gateway.get_bytes(token, path)

    async def measure(self, token: str, assistant_id: str) -> Measure:
        """The size of the draft's instructions, and the models there are for it."""
        return await self._gateway.get(Measure, token, f"/v1/assistants/{assistant_id}/measure")

    async def draft(self, token: str, description: str) -> DraftedAssistant:
        """What the installation's model makes of a few sentences."""
        return await self._gateway.post(
            DraftedAssistant,
            token,
            "/v1/assistant_drafts",
            DraftRequest(description=description),
            timeout_seconds=_DRAFT_SECONDS,
        )

    async def search(self, token: str, assistant_id: str, query: str) -> RankedPassages:
        """What the draft would find for a question."""
        path = f"/v1/assistants/{assistant_id}/search"
        return await self._gateway.post(RankedPassages, token, path, TestSearch(query=query))

    async def statistics(self, token: str, assistant_id: str) -> AssistantStatistics:
        """How it was used over the last days."""
        path = f"/v1/assistants/{assistant_id}/statistics"
        return await self._gateway.get(AssistantStatistics, token, path)

    async def unanswered(
        self, token: str, assistant_id: str, after: str
    ) -> Page[UnansweredQuestion]:
        """What people asked and its files did not answer, latest first."""
        query: dict[str, str | int] = {"limit": NOTES_SHOWN, "order": "desc"}
        if after:
            query["after"] = after
        path = f"/v1/assistants/{assistant_id}/unanswered"
        return await self._gateway.get(Page[UnansweredQuestion], token, path, query)

    async def feedback(self, token: str, assistant_id: str, after: str) -> Page[FeedbackNote]:
        """What readers wrote of its answers, latest first."""
        query: dict[str, str | int] = {"limit": NOTES_SHOWN, "order": "desc"}
        if after:
            query["after"] = after
        path = f"/v1/assistants/{assistant_id}/feedback"
        return await self._gateway.get(Page[FeedbackNote], token, path, query)

    async def delete(self, token: str, assistant_id: str) -> None:
        """Delete it with its versions."""
        await self._gateway.delete(Deleted, token, f"/v1/assistants/{assistant_id}")

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
        variables=model.variables or [],
        avatar=model.avatar,
        shows_unanswered=bool(model.shows_unanswered),
    )
