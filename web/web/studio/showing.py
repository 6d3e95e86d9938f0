"""What an assistant's page in the store shows, and whether others may copy it."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.catalog import ListingChoices
from runtime.provide import provided
from web.clients.catalog import Catalog
from web.forms import Form
from web.pages import go
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)

INSTRUCTIONS, INSTRUCTIONS_AND_COPIES = "shown", "copied"


@router.post("/{assistant_id}/listing")
async def choose(
    request: Request,
    visitor: SignedIn,
    form: Form,
    catalog: Annotated[Catalog, provided(Catalog)],
    assistant_id: Id,
) -> Response:
    """Show and allow this from now on."""
    instructions = form.text("instructions")
    chosen = ListingChoices(
        # Whoever copies it reads them: the one cannot be chosen without the other.
        shows_instructions=instructions in (INSTRUCTIONS, INSTRUCTIONS_AND_COPIES),
        may_be_copied=instructions == INSTRUCTIONS_AND_COPIES,
        names_documents=form.text("names_documents") == "yes",
    )
    await catalog.choose(visitor.token, assistant_id, chosen)
    return go(request, f"/studio/{assistant_id}/people?saved=listing#listing")
