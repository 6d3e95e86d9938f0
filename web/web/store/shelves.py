"""The store's front: shelves, search and filters, all of them in the address."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from contracts.catalog import ListingCard, ListingSort, Shelf
from contracts.definitions import Category
from runtime.provide import provided
from web.clients.catalog import Catalog
from web.clients.moderation import Moderation
from web.languages import N_
from web.pages import Pages, is_htmx
from web.studio.words import CATEGORIES
from web.visitors import SignedIn

router = APIRouter(prefix="/store", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
CatalogHere = Annotated[Catalog, provided(Catalog)]

SORTS = (
    (ListingSort.TRENDING, N_("Trending")),
    (ListingSort.NEW, N_("New")),
    (ListingSort.TOP, N_("Best rated and most used")),
)
"""The orders, and what they are called."""


class Looked(BaseModel):
    """What somebody looks for: empty fields ask for nothing."""

    query: str = Field(default="", max_length=200)
    category: Category | None = None
    tag: str = Field(default="", max_length=30)
    sort: ListingSort | None = None
    after: str = Field(default="", max_length=100)

    @property
    def filters(self) -> dict[str, str]:
        """Name -> value of all but the page, as an address and the gateway take them."""
        fields = {
            "query": self.query.strip(),
            "category": self.category or "",
            "tag": self.tag,
            "sort": self.sort or "",
        }
        return {name: value for name, value in fields.items() if value}

    def beside(self, **others: str) -> dict[str, str]:
        """The same filters but for these; an empty one is none."""
        return {name: value for name, value in (self.filters | others).items() if value}


@router.get("")
async def store(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    catalog: CatalogHere,
    moderation: Annotated[Moderation, provided(Moderation)],
    looked: Annotated[Looked, Query()],
) -> Response:
    """The shelves; with a query or a filter, what fits."""
    values: dict[str, Any] = {"looked": looked, "sorts": SORTS, "names": dict(CATEGORIES)}
    if not looked.filters and not looked.after:
        front = await catalog.shelves(visitor.token)
        chosen = await moderation.featured(visitor.token)
        featured = [("", N_("Featured"), chosen)] if chosen else []
        values |= {"found": None, "shelves": featured + [_shelf(each) for each in front.data]}
        if not is_htmx(request):
            return pages.page(request, "pages/store.html", categories=front.categories, **values)
    else:
        wanted = looked.filters | {"after": looked.after}
        values["found"] = await catalog.listings(visitor.token, wanted)
    if is_htmx(request):
        return pages.page(request, "partials/found.html", **values)
    categories = await catalog.categories(visitor.token)
    return pages.page(request, "pages/store.html", categories=categories, **values)


def _shelf(shelf: Shelf) -> tuple[str, str, list[ListingCard]]:
    """Where all of it is, what it is called, and what stands on it."""
    if shelf.category is None:
        return urlencode({"sort": shelf.sort}), dict(SORTS)[shelf.sort], shelf.listings
    return urlencode({"category": shelf.category}), dict(CATEGORIES)[shelf.category], shelf.listings
