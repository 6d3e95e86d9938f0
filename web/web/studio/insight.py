"""What a builder looks at beside the form: what the draft finds, and how the assistant is used."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from contracts.building import AssistantStatistics
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.charts.columns import Columns, columns
from web.clients.assistants import Assistants
from web.forms import Form
from web.pages import Pages
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]
LONGEST_QUERY = 2_000


class ReadTo(BaseModel):
    """Where one reads: after, in the readers' notes; asked_after, in the questions."""

    after: str = Field(default="", max_length=100)
    asked_after: str = Field(default="", max_length=100)


class QueryTooLong(StoreError):
    """A question to search with that is longer than the search reads."""

    kind = ErrorKind.INVALID
    code = "query_too_long"


@router.get("/{assistant_id}/search")
async def search_page(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """Where one tries what the draft finds."""
    assistant = await assistants.get(visitor.token, assistant_id)
    return pages.page(request, "pages/studio_search.html", assistant=assistant, found=None)


@router.post("/{assistant_id}/search")
async def search(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """What it finds for a question. A form that is sent, because a search costs money."""
    query = form.text("query")
    if len(query) > LONGEST_QUERY:
        raise QueryTooLong("A question may have 2,000 characters here.")
    assistant = await assistants.get(visitor.token, assistant_id)
    found = await assistants.search(visitor.token, assistant.id, query) if query else None
    return pages.page(request, "pages/studio_search.html", assistant=assistant, found=found)


@router.get("/{assistant_id}/statistics")
async def statistics(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    assistant_id: Id,
    read_to: Annotated[ReadTo, Query()],
) -> Response:
    """How it was used over the last 30 days, what found nothing, and what readers wrote."""
    assistant = await assistants.get(visitor.token, assistant_id)
    use = await assistants.statistics(visitor.token, assistant.id)
    questions = None
    if use.shows_unanswered:
        questions = await assistants.unanswered(visitor.token, assistant.id, read_to.asked_after)
    return pages.page(
        request,
        "pages/studio_statistics.html",
        assistant=assistant,
        use=use,
        charts=_charts(use),
        questions=questions,
        is_first_of_questions=not read_to.asked_after,
        notes=await assistants.feedback(visitor.token, assistant.id, read_to.after),
        is_first_page=not read_to.after,
    )


def _charts(use: AssistantStatistics) -> dict[str, Columns]:
    return {
        "answers": columns([float(day.answers) for day in use.days], whole=True),
        "cost": columns([float(day.cost) for day in use.days]),
    }
