"""The passages of a file, which its keepers switch off and on."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from runtime.provide import provided
from web.clients.knowledge import Knowledge
from web.forms import Form
from web.pages import Pages, go, is_htmx
from web.paths import Id
from web.studio.knowledge import Place
from web.visitors import SignedIn, Visitor

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
KnowledgeHere = Annotated[Knowledge, provided(Knowledge)]
PlaceHere = Annotated[Place, Depends()]
_PASSAGES = "/{assistant_id}/knowledge/{collection_id}/{file_id}/passages"


@router.get(_PASSAGES)
async def passages(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    knowledge: KnowledgeHere,
    place: PlaceHere,
    after: str = "",
) -> Response:
    """Each passage with its page, in the order of the text."""
    document = await knowledge.document(visitor.token, place.collection_id, place.file_id)
    found = await knowledge.passages(visitor.token, place.collection_id, place.file_id, after)
    return pages.page(
        request,
        "pages/file_passages.html",
        assistant_id=place.assistant_id,
        document=document,
        passages=found,
    )


class Switching:
    """Switches a passage, and shows how it stands then."""

    def __init__(self, pages: PagesHere, knowledge: KnowledgeHere) -> None:
        self._pages = pages
        self._knowledge = knowledge

    async def switch(
        self, request: Request, visitor: Visitor, place: Place, passage_id: str, is_off: bool
    ) -> Response:
        """Its row, or the page of the file."""
        ids = (place.collection_id, place.file_id)
        passage = await self._knowledge.switch(visitor.token, ids, passage_id, is_off)
        path = f"/studio/{place.assistant_id}/knowledge/{ids[0]}/{ids[1]}/passages"
        if not is_htmx(request):
            return go(request, path)
        return self._pages.page(
            request, "partials/file_passage.html", passage=passage, address=path
        )


@router.post(_PASSAGES + "/{passage_id}")
async def switch(
    request: Request,
    visitor: SignedIn,
    form: Form,
    switching: Annotated[Switching, Depends()],
    place: PlaceHere,
    passage_id: Id,
) -> Response:
    """Off, or on again."""
    is_off = form.text("is_off") == "yes"
    return await switching.switch(request, visitor, place, passage_id, is_off)
