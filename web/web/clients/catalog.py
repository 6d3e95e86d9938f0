"""The store: listings, what people say of them, and their builders."""

from pydantic import BaseModel

from contracts.catalog import (
    BuilderView,
    Categories,
    Listing,
    ListingCard,
    ListingChoices,
    ListingChoicesView,
    ListingCopied,
    RatingDeleted,
    RatingView,
    RatingWrite,
    Review,
    Shelves,
)
from contracts.lists import Page
from web.clients.gateway import Gateway

SHELF_SIZE = 6
PAGE_SIZE = 24
REVIEWS_SHOWN = 10


class Nothing(BaseModel):
    """A body without fields."""


class Catalog:
    """What everybody here may use."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def listings(
        self, token: str, wanted: dict[str, str], limit: int = PAGE_SIZE
    ) -> Page[ListingCard]:
        """A page of what fits. wanted: query, category, tag, sort, after; what is empty is none."""
        query: dict[str, str | int] = {name: value for name, value in wanted.items() if value}
        path = "/v1/catalog/listings"
        return await self._gateway.get(Page[ListingCard], token, path, query | {"limit": limit})

    async def shelves(self, token: str) -> Shelves:
        """The front: orders and the fullest categories, the first of each."""
        query: dict[str, str | int] = {"limit": SHELF_SIZE}
        return await self._gateway.get(Shelves, token, "/v1/catalog/shelves", query)

    async def copy(self, token: str, slug: str) -> ListingCopied:
        """Make an assistant of one's own of a listing."""
        path = f"/v1/catalog/listings/{slug}/copy"
        return await self._gateway.post(ListingCopied, token, path, Nothing())

    async def choices(self, token: str, assistant_id: str) -> ListingChoicesView:
        """What an assistant's listing shows and allows."""
        path = f"/v1/assistants/{assistant_id}/listing"
        return await self._gateway.get(ListingChoicesView, token, path)

    async def choose(
        self, token: str, assistant_id: str, chosen: ListingChoices
    ) -> ListingChoicesView:
        """Show and allow this from now on."""
        path = f"/v1/assistants/{assistant_id}/listing"
        return await self._gateway.put(ListingChoicesView, token, path, chosen)

    async def get(self, token: str, slug: str) -> Listing:
        """One listing."""
        return await self._gateway.get(Listing, token, f"/v1/catalog/listings/{slug}")

    async def reviews(self, token: str, slug: str, after: str) -> Page[Review]:
        """What was written of it, the latest first."""
        query: dict[str, str | int] = {"limit": REVIEWS_SHOWN}
        if after:
            query["after"] = after
        path = f"/v1/catalog/listings/{slug}/reviews"
        return await self._gateway.get(Page[Review], token, path, query)

    async def rate(self, token: str, slug: str, said: RatingWrite) -> RatingView:
        """Say what it is worth."""
        path = f"/v1/catalog/listings/{slug}/rating"
        return await self._gateway.put(RatingView, token, path, said)

    async def take_back(self, token: str, slug: str) -> RatingDeleted:
        """As if nothing had been said."""
        path = f"/v1/catalog/listings/{slug}/rating"
        return await self._gateway.delete(RatingDeleted, token, path)

    async def categories(self, token: str) -> Categories:
        """Those that have listings."""
        return await self._gateway.get(Categories, token, "/v1/catalog/categories")

    async def builder(self, token: str, handle: str) -> BuilderView:
        """Somebody with what they list."""
        return await self._gateway.get(BuilderView, token, f"/v1/catalog/builders/{handle}")
