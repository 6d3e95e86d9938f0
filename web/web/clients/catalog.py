"""The store: listings, what people say of them, and their builders."""

from contracts.catalog import (
    BuilderView,
    Categories,
    Listing,
    ListingCard,
    RatingDeleted,
    RatingView,
    RatingWrite,
    Review,
)
from contracts.lists import Page
from web.clients.gateway import Gateway

SHELF_SIZE = 6
PAGE_SIZE = 24
REVIEWS_SHOWN = 10


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
