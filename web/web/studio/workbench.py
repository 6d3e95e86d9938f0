"""What the page of one draft needs, gathered from the gateway."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from contracts.assistants import AssistantView
from contracts.files import DocumentView
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.clients.knowledge import Knowledge
from web.pages import Pages
from web.settings import Settings
from web.visitors import Visitor

STARTERS = 4


class Workbench:
    """Shows a draft with its knowledge."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        assistants: Annotated[Assistants, provided(Assistants)],
        knowledge: Annotated[Knowledge, provided(Knowledge)],
        settings: Annotated[Settings, provided(Settings)],
    ) -> None:
        self.pages = pages
        self._assistants = assistants
        self._knowledge = knowledge
        self._upload_bytes = settings.upload_bytes

    async def page(
        self,
        request: Request,
        visitor: Visitor,
        assistant: AssistantView,
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """The page of a draft."""
        shown = {
            "models": await self._assistants.models(visitor.token),
            "starters": filled_up(assistant.starters),
            "problems": {},
        } | values
        known = await self._knowledge_of(visitor, assistant)
        template = "pages/studio_edit.html"
        return self.pages.page(request, template, status=status, **(known | shown))

    async def knowledge(
        self,
        request: Request,
        visitor: Visitor,
        assistant: AssistantView,
        *,
        refused: list[tuple[str, str]],
    ) -> Response:
        """Its knowledge alone, swapped in after an upload."""
        known = await self._knowledge_of(visitor, assistant)
        return self.pages.page(request, "partials/knowledge.html", **(known | {"refused": refused}))

    async def _knowledge_of(self, visitor: Visitor, assistant: AssistantView) -> dict[str, Any]:
        documents: list[DocumentView] = []
        for collection_id in assistant.tool_resources.file_search.vector_store_ids:
            documents += await self._knowledge.documents(visitor.token, collection_id)
        return {
            "assistant": assistant,
            "documents": documents,
            "upload_bytes": self._upload_bytes,
            "refused": [],
        }


def filled_up(starters: list[str]) -> list[str]:
    """The starters and enough empty ones for the form."""
    return starters + [""] * (STARTERS - len(starters))


Bench = Annotated[Workbench, Depends(Workbench)]
