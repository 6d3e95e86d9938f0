"""The store on the public API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.accounts import Scope
from contracts.catalog import (
    BuilderView,
    Categories,
    Listing,
    ListingCard,
    ListingSort,
    RatingDeleted,
    RatingView,
    RatingWrite,
    Review,
)
from contracts.definitions import Category
from contracts.lists import Page
from gateway.caller import Caller
from gateway.catalog.service.listings import ListingService, Wanted
from gateway.catalog.service.rating import RatingService
from gateway.paging import Paging
from gateway.signed_in import SignedInByPassword, signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/catalog", tags=["catalog"])
Listings = Annotated[ListingService, provided(ListingService)]
Ratings = Annotated[RatingService, provided(RatingService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


def _wanted(
    query: Annotated[str, Query(max_length=200)] = "",
    sort: ListingSort = ListingSort.RELEVANCE,
    category: Category | None = None,
    tag: Annotated[str, Query(max_length=30)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str | None, Query(max_length=100)] = None,
) -> Wanted:
    return Wanted(query, sort, category, tag, limit, after)


@router.get("/listings")
async def listings(
    caller: Reader, service: Listings, wanted: Annotated[Wanted, Depends(_wanted)]
) -> Page[ListingCard]:
    """Public assistants that fit, in the order wanted; without a query, the top ones."""
    return await service.find(caller, wanted)


@router.get("/listings/{slug}")
async def listing(slug: str, caller: Reader, service: Listings) -> Listing:
    """One listing."""
    return await service.get(caller, slug)


@router.get("/listings/{slug}/reviews")
async def reviews(slug: str, caller: Reader, page: Paging, service: Ratings) -> Page[Review]:
    """What people wrote of a listing."""
    return await service.reviews(caller, slug, page)


@router.put("/listings/{slug}/rating")
async def rate(
    slug: str, said: RatingWrite, caller: SignedInByPassword, service: Ratings
) -> RatingView:
    """Rate a listing that one has used, in person; again changes it."""
    return await service.give(caller, slug, said)


@router.delete("/listings/{slug}/rating")
async def take_back(slug: str, caller: SignedInByPassword, service: Ratings) -> RatingDeleted:
    """Take one's rating back."""
    return await service.take_back(caller, slug)


@router.get("/categories")
async def categories(_caller: Reader, service: Listings) -> Categories:
    """The categories that have listings."""
    return await service.categories()


@router.get("/builders/{handle}")
async def builder(handle: str, caller: Reader, service: Listings) -> BuilderView:
    """Somebody who builds, with their listings."""
    return await service.builder(caller, handle)
