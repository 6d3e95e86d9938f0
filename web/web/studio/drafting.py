"""A few sentences become the form of a new assistant, filled in by a model."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.forms import Form
from web.pages import Pages
from web.problems import words_of
from web.studio.workbench import filled_up
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]
LONGEST_WISH = 2_000
_OF_THE_MODEL = (
    ErrorKind.UNAVAILABLE,
    ErrorKind.TIMED_OUT,
    ErrorKind.RATE_LIMITED,
    ErrorKind.QUOTA_EXCEEDED,
    ErrorKind.INVALID,
)


class WishUnfit(StoreError):
    """There is nothing to draft from, or more than is read."""

    kind = ErrorKind.INVALID
    code = "wish_unfit"


@router.get("/new")
async def new(request: Request, visitor: SignedIn, pages: PagesHere) -> Response:
    """The form of a new assistant."""
    del visitor  # asked for, because strangers make nothing
    return _page(request, pages)


@router.post("/new")
async def draft(
    request: Request, visitor: SignedIn, form: Form, pages: PagesHere, assistants: AssistantsHere
) -> Response:
    """The same form, filled in. Nothing is made of it before it is sent."""
    wish = form.text("wish")
    try:
        if not 0 < len(wish) <= LONGEST_WISH:
            raise WishUnfit("Write one to ten sentences first.")
        drafted = await assistants.draft(visitor.token, wish)
    except StoreError as error:
        if error.kind not in _OF_THE_MODEL:
            raise
        message = words_of(pages.language(request), error)
        return _page(request, pages, wish=wish, message=message, status=422)
    typed = drafted.model_dump(include={"name", "description", "instructions"})
    starters = filled_up(drafted.starters)
    return _page(request, pages, wish=wish, typed=typed, starters=starters, is_drafted=True)


def _page(request: Request, pages: Pages, *, status: int = 200, **values: Any) -> Response:
    nothing: dict[str, Any] = {
        "typed": {"name": "", "description": "", "instructions": ""},
        "starters": filled_up([]),
        "problems": {},
        "wish": "",
        "message": "",
        "is_drafted": False,
    }
    return pages.page(request, "pages/studio_new.html", status=status, **(nothing | values))
