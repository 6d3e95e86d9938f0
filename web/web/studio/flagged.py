"""The passages of a file that read like instructions to a model, for its builder to judge."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from contracts.passages import PassageFlag
from runtime.provide import provided
from web.clients.knowledge import Knowledge
from web.languages import N_
from web.pages import Pages
from web.studio.knowledge import Place
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)

REASONS = {
    PassageFlag.OVERRIDE: N_("asks to set instructions aside"),
    PassageFlag.ROLE: N_("tells the model to be somebody else"),
    PassageFlag.MARKER: N_("imitates the marks between parts of a prompt"),
    PassageFlag.DISCLOSURE: N_("asks for the assistant's instructions"),
    PassageFlag.CONCEALMENT: N_("wants something kept from the reader"),
    PassageFlag.SENDING: N_("wants data sent to an address"),
    PassageFlag.HIDDEN: N_("holds characters that readers do not see"),
}


@router.get("/{assistant_id}/knowledge/{collection_id}/{file_id}/flagged")
async def flagged(
    request: Request,
    visitor: SignedIn,
    pages: Annotated[Pages, provided(Pages)],
    knowledge: Annotated[Knowledge, provided(Knowledge)],
    place: Annotated[Place, Depends()],
    after: str = "",
) -> Response:
    """Each flagged passage with its reasons. Nothing is left out of the knowledge for them."""
    document = await knowledge.document(visitor.token, place.collection_id, place.file_id)
    found = await knowledge.flagged(visitor.token, place.collection_id, place.file_id, after)
    return pages.page(
        request,
        "pages/flagged.html",
        assistant_id=place.assistant_id,
        document=document,
        passages=found,
        reasons=REASONS,
    )
