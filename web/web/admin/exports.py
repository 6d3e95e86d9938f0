"""Tables to take along: what a page shows, all of it, as CSV or JSON."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from runtime.provide import provided
from web.admin.filters import OF_SUMS, Filters
from web.clients.usage import Usage
from web.cookies import Cookies
from web.reader_zone import zone_of
from web.visitors import Administrator, SignedIn

router = APIRouter(include_in_schema=False)
Format = Literal["csv", "json"]
Books = Annotated[Usage, provided(Usage)]
CookiesHere = Annotated[Cookies, provided(Cookies)]
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@router.get("/admin/cost.csv")
async def cost_as_csv(
    request: Request, visitor: Administrator, books: Books, cookies: CookiesHere
) -> Response:
    """Sums for spreadsheets."""
    return await _sums(request, visitor.token, books, cookies, "csv")


@router.get("/admin/cost.json")
async def cost_as_json(
    request: Request, visitor: Administrator, books: Books, cookies: CookiesHere
) -> Response:
    """Sums for programs."""
    return await _sums(request, visitor.token, books, cookies, "json")


@router.get("/admin/ledger.csv")
async def ledger_as_csv(
    request: Request, visitor: Administrator, books: Books, cookies: CookiesHere
) -> Response:
    """Calls for spreadsheets."""
    return await _calls(request, visitor.token, books, cookies, "csv")


@router.get("/admin/ledger.json")
async def ledger_as_json(
    request: Request, visitor: Administrator, books: Books, cookies: CookiesHere
) -> Response:
    """Calls for programs."""
    return await _calls(request, visitor.token, books, cookies, "json")


@router.get("/account/usage.csv")
async def own_as_csv(request: Request, visitor: SignedIn, books: Books) -> Response:
    """One's own calls for spreadsheets."""
    del request
    query = {"view": "mine"}
    return await _passed_on(books, visitor.token, "/v1/admin/ledger.csv", query, "csv")


async def _sums(
    request: Request, token: str, books: Usage, cookies: Cookies, form: Format
) -> Response:
    filters = Filters.read(request.query_params, zone_of(request, cookies), datetime.now(UTC))
    query = filters.asked(OF_SUMS) | {"group_by": filters.by}
    path = "/v1/usage.csv" if form == "csv" else "/v1/usage"
    return await _passed_on(books, token, path, query, form)


async def _calls(
    request: Request, token: str, books: Usage, cookies: Cookies, form: Format
) -> Response:
    zone = zone_of(request, cookies)
    filters = Filters.read(request.query_params, zone, datetime.now(UTC), "all")
    return await _passed_on(books, token, f"/v1/admin/ledger.{form}", filters.asked(), form)


async def _passed_on(
    books: Usage, token: str, path: str, query: dict[str, str], form: Format
) -> Response:
    found = await books.export(token, path, query)
    name = "usage" if "usage" in path else "ledger"
    headers = {"content-disposition": f'attachment; filename="stoa-{name}.{form}"'}
    return StreamingResponse(
        found.aiter_bytes(),
        media_type=_TYPES[form],
        headers=headers,
        background=BackgroundTask(found.aclose),
    )
