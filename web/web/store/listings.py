"""A listing's page, what its readers say, and its builder."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.catalog import REVIEW_CHARACTERS, RatingWrite
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.catalog import Catalog
from web.clients.moderation import Moderation
from web.forms import Form, Submitted
from web.pages import Pages, go
from web.paths import Id
from web.report_words import REASONS
from web.studio.words import CATEGORIES
from web.visitors import SignedIn

router = APIRouter(prefix="/store", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
CatalogHere = Annotated[Catalog, provided(Catalog)]
ModerationHere = Annotated[Moderation, provided(Moderation)]


class RatingUnfit(StoreError):
    """No stars, or more words than are read."""

    kind = ErrorKind.INVALID
    code = "rating_unfit"


class Shown:
    """What a listing's page is made of."""

    def __init__(self, catalog: CatalogHere, moderation: ModerationHere) -> None:
        self.catalog = catalog
        self.moderation = moderation


@router.get("/{slug}")
async def listing(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    shown: Annotated[Shown, Depends()],
    slug: Id,
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """What it does, who made it, and what people say of it."""
    found = await shown.catalog.get(visitor.token, slug)
    own = None if found.is_builder else await shown.moderation.own_report(visitor.token, slug)
    return pages.page(
        request,
        "pages/listing.html",
        own_report=own,
        reasons=REASONS,
        listing=found,
        names=dict(CATEGORIES),
        reviews=await shown.catalog.reviews(visitor.token, slug, after),
        is_first_page=not after,
        most=max(1, *(each.count for each in found.distribution)),
    )


@router.post("/{slug}/rating")
async def rate(
    request: Request, visitor: SignedIn, form: Form, catalog: CatalogHere, slug: Id
) -> Response:
    """Say what it is worth; once more replaces it."""
    await catalog.rate(visitor.token, slug, _said_in(form))
    return go(request, f"/store/{slug}#ratings")


@router.post("/{slug}/rating/remove")
async def take_back(
    request: Request, visitor: SignedIn, form: Form, catalog: CatalogHere, slug: Id
) -> Response:
    """As if nothing had been said."""
    del form  # read for its token
    await catalog.take_back(visitor.token, slug)
    return go(request, f"/store/{slug}#ratings")


@router.get("/builders/{handle}")
async def builder(
    request: Request, visitor: SignedIn, pages: PagesHere, catalog: CatalogHere, handle: Id
) -> Response:
    """Somebody who builds, with what they list."""
    found = await catalog.builder(visitor.token, handle)
    return pages.page(request, "pages/builder.html", builder=found, names=dict(CATEGORIES))


def _said_in(form: Submitted) -> RatingWrite:
    """Raises RatingUnfit."""
    stars, review = form.text("stars"), form.text("review")
    if stars not in {"1", "2", "3", "4", "5"} or len(review) > REVIEW_CHARACTERS:
        raise RatingUnfit("Choose one to five stars; a review may have 2,000 characters.")
    return RatingWrite(stars=int(stars), review=review)
