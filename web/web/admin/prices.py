"""What models cost, from when on, and the form for a new price."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.prices import PriceCreate
from runtime.provide import provided
from web.clients.prices import Prices
from web.cookies import Cookies
from web.forms import Form, Submitted, Typed
from web.pages import Pages, go
from web.problems import field_problems, words_of
from web.reader_zone import zone_of
from web.visitors import Administrator, Visitor

router = APIRouter(prefix="/admin/prices", include_in_schema=False)
_HERE = "/admin/prices"
_UNTOUCHED = {
    "model": "",
    "currency": "USD",
    "input_per_million": "",
    "cached_input_per_million": "",
    "output_per_million": "",
    "valid_from": "",
}
_EXPLAINED = (
    ErrorKind.INVALID,
    ErrorKind.UNPROCESSABLE,
)
PagesHere = Annotated[Pages, provided(Pages)]
PricesHere = Annotated[Prices, provided(Prices)]


@router.get("")
async def prices(
    request: Request, visitor: Administrator, pages: PagesHere, books: PricesHere
) -> Response:
    """Today's prices, those to come, and behind a fold those that were."""
    return await _page(request, visitor, pages, books, Typed(_UNTOUCHED))


@router.post("")
async def set_price(
    request: Request,
    visitor: Administrator,
    form: Form,
    pages: PagesHere,
    books: PricesHere,
    cookies: Annotated[Cookies, provided(Cookies)],
) -> Response:
    """A new price from now or a later moment on."""
    typed = {name: form.text(name) for name in _UNTOUCHED}
    try:
        await books.set(visitor.token, _wanted(form, zone_of(request, cookies)))
    except ValidationError as error:
        problems = field_problems(error)
        return await _page(request, visitor, pages, books, Typed(typed, problems))
    except StoreError as error:
        if error.kind not in _EXPLAINED:
            raise
        message = words_of(pages.language(request), error)
        return await _page(request, visitor, pages, books, Typed(typed, message=message))
    return go(request, _HERE)


async def _page(
    request: Request,
    visitor: Visitor,
    pages: Pages,
    books: Prices,
    form: Typed,
) -> Response:
    found = await books.all(visitor.token)
    return pages.page(
        request,
        "pages/prices.html",
        status=422 if form.problems or form.message else 200,
        current=[price for price in found if price.status == "current"],
        upcoming=[price for price in found if price.status == "upcoming"],
        past=[price for price in found if price.status == "past"],
        typed=form.fields,
        problems=form.problems,
        message=form.message,
    )


def _wanted(form: Submitted, zone: ZoneInfo) -> PriceCreate:
    """The form as a price. Raises ValidationError."""
    moment = form.text("valid_from")
    fields = {name: form.text(name) for name in _UNTOUCHED if name != "valid_from"}
    return PriceCreate.model_validate(
        {**fields, "currency": fields["currency"].upper()}
        | ({"valid_from": _unix_seconds(moment, zone)} if moment else {})
    )


def _unix_seconds(typed: str, zone: ZoneInfo) -> int | str:
    """A date and time of the form, in the reader's zone; the contract refuses what is none."""
    try:
        return int(datetime.fromisoformat(typed).replace(tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        return typed
