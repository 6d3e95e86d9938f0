"""What the page of one draft needs, gathered from the gateway."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from contracts.assistants import AssistantView
from contracts.errors import ErrorKind, StoreError
from contracts.files import DocumentView
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.clients.knowledge import Knowledge
from web.clients.moderation import Moderation
from web.pages import Pages
from web.settings import Settings
from web.studio.calls import CallsHere
from web.studio.forms import FIELDS, STARTERS, rows_of
from web.studio.words import OPTIONS
from web.visitors import Visitor


class Workbench:
    """Shows a draft with its knowledge."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        assistants: Annotated[Assistants, provided(Assistants)],
        knowledge: Annotated[Knowledge, provided(Knowledge)],
        calls: CallsHere,
        moderation: Annotated[Moderation, provided(Moderation)],
        settings: Annotated[Settings, provided(Settings)],
    ) -> None:
        self.pages = pages
        self._assistants = assistants
        self._knowledge = knowledge
        self._calls = calls
        self._moderation = moderation
        self._upload_bytes = settings.upload_bytes
        self._takes_pages = settings.shared.web_pages

    async def page(
        self,
        request: Request,
        visitor: Visitor,
        assistant: AssistantView,
        *,
        after: str = "",
        status: int = 200,
        **values: Any,
    ) -> Response:
        """The page of a draft. after: where in a long list of keys one reads."""
        gathered = await self.gathered(request, visitor, assistant, after)
        return self.pages.page(
            request, "pages/studio_edit.html", status=status, **(gathered | values)
        )

    async def gathered(
        self, request: Request, visitor: Visitor, assistant: AssistantView, after: str = ""
    ) -> dict[str, Any]:
        """Everything that the page shows."""
        shown = {
            "picture": await self._assistants.avatar(visitor.token, assistant.id),
            "picture_refused": "",
            "measure": await self._assistants.measure(visitor.token, assistant.id),
            "starters": filled_up(assistant.starters),
            "rows": rows_of(assistant),
            "options": OPTIONS,
            "problems": {},
            "conflict": {},
            "slots": dict.fromkeys(FIELDS, ""),
            "turn": None,
            "takedown": None
            if assistant.taken_down_at is None
            else await self._moderation.takedown(visitor.token, assistant.id),
        }
        known = await self._knowledge_of(visitor, assistant)
        return known | shown | await self._calls.gathered(request, visitor, assistant, after)

    async def published(
        self, request: Request, visitor: Visitor, assistant: AssistantView
    ) -> Response:
        """Its sharing panel, and its part for programs, swapped in after publishing."""
        calls = await self._calls.gathered(request, visitor, assistant)
        return self.pages.page(request, "partials/published.html", **calls)

    async def knowledge(
        self,
        request: Request,
        visitor: Visitor,
        assistant: AssistantView,
        *,
        refused: list[tuple[str, str]],
        page_url: str = "",
    ) -> Response:
        """Its knowledge alone, swapped in after an upload. page_url: to be corrected."""
        known = await self._knowledge_of(visitor, assistant)
        tried = {"refused": refused, "page_url": page_url, "is_swap": True}
        return self.pages.page(request, "partials/knowledge.html", **(known | tried))

    async def _knowledge_of(self, visitor: Visitor, assistant: AssistantView) -> dict[str, Any]:
        documents: list[DocumentView] = []
        for collection_id in assistant.tool_resources.file_search.vector_store_ids:
            try:
                documents += await self._knowledge.documents(visitor.token, collection_id)
            except StoreError as error:
                # An assistant may read what its builder may not list.
                if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.FORBIDDEN):
                    raise
        return {
            "assistant": assistant,
            "documents": documents,
            "upload_bytes": self._upload_bytes,
            "takes_pages": self._takes_pages,
            "page_url": "",
            "refused": [],
            "is_swap": False,
        }


def filled_up(starters: list[str]) -> list[str]:
    """The starters and enough empty ones for the form."""
    return starters + [""] * (STARTERS - len(starters))


Bench = Annotated[Workbench, Depends(Workbench)]
