"""The store on the public API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.accounts import Scope
from contracts.catalog import (
    BuilderView,
    Categories,
    Listing,
    ListingCard,
    ListingChoices,
    ListingChoicesView,
    ListingCopied,
    ListingSort,
    RatingDeleted,
    RatingView,
    RatingWrite,
    Review,
    Shelves,
)
from contracts.definitions import Category
from contracts.lists import Page
from gateway.caller import Caller
from gateway.catalog.service.choices import ChoiceService
from gateway.catalog.service.listings import ListingService, Wanted
from gateway.catalog.service.rating import RatingService
from gateway.paging import Paging
from gateway.signed_in import SignedInByPassword, signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/catalog", tags=["catalog"])
choices_router = APIRouter(prefix="/v1/assistants/{assistant_id}/listing", tags=["assistants"])
Listings = Annotated[ListingService, provided(ListingService)]
Ratings = Annotated[RatingService, provided(RatingService)]
Choices = Annotated[ChoiceService, provided(ChoiceService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]


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


@router.post("/listings/{original}/copy")
async def copy(original: str, caller: Manager, service: Choices) -> ListingCopied:
    """Make an assistant of one's own of a listing whose builder allows it."""
    return await service.copy(caller, original)


@router.get("/shelves")
async def shelves(
    caller: Reader, service: Listings, limit: Annotated[int, Query(ge=1, le=12)] = 6
) -> Shelves:
    """The front of the store: its orders and fullest categories, so many listings of each."""
    return await service.shelves(caller, limit)


@router.get("/categories")
async def categories(_caller: Reader, service: Listings) -> Categories:
    """The categories that have listings."""
    return await service.categories()


@router.get("/builders/{handle}")
async def builder(handle: str, caller: Reader, service: Listings) -> BuilderView:
    """Somebody who builds, with their listings."""
    return await service.builder(caller, handle)


@choices_router.get("")
async def choices(assistant_id: str, caller: Manager, service: Choices) -> ListingChoicesView:
    """What an assistant's listing shows and allows, for those who decide it."""
    return await service.of(caller, assistant_id)


@choices_router.put("")
async def choose(
    assistant_id: str, chosen: ListingChoices, caller: Manager, service: Choices
) -> ListingChoicesView:
    """Say what an assistant's listing shows and allows."""
    return await service.choose(caller, assistant_id, chosen)
