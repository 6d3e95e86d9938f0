"""Ratings and reviews: one for each who used a listing."""

from contracts.catalog import RatingDeleted, RatingView, RatingWrite, Review
from contracts.ids import new_id
from contracts.lists import Page
from gateway.assistants.tables import Assistant
from gateway.caller import Caller
from gateway.catalog.errors import NotUsedYet, OwnListing
from gateway.catalog.repository.listings import LISTINGS
from gateway.catalog.repository.ratings import RatingRepository
from gateway.catalog.service.views import rating_view, review_view
from gateway.catalog.tables import ListingScore, Rating
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import load, permitted
from gateway.policy.words import Action


async def builds(tx: Transaction, caller: Caller, assistant: Assistant) -> bool:
    """Whether the caller is one of its builders."""
    return assistant.id in await permitted(tx, caller, Action.EDIT, LISTINGS, [assistant.id])


class RatingService:
    """Gives, changes and takes back ratings, and shows what was written."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def give(self, caller: Caller, slug: str, said: RatingWrite) -> RatingView:
        """Rate it, or rate it anew. Raises ListingNotFound, OwnListing, NotUsedYet."""
        now = self._clock()
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, LISTINGS, slug)
            repository = RatingRepository(tx)
            if await builds(tx, caller, assistant):
                raise OwnListing("Those who build an assistant do not rate it.")
            if not await repository.has_used(assistant.id, caller.member_id):
                raise NotUsedYet("Talk to it first: only those who got an answer rate it.")
            score = await repository.held_score(assistant.id, now)
            rating = await repository.of(assistant.id, caller.member_id)
            if rating is None:
                rating = Rating(
                    id=new_id("rtg_"),
                    assistant_id=assistant.id,
                    member_id=caller.member_id,
                    created_at=now,
                )
                repository.add(rating)
            else:
                _counted(score, rating.stars, -1)
            rating.stars, rating.review, rating.changed_at = said.stars, said.review, now
            _counted(score, rating.stars, 1)
            score.counted_at = None
            return rating_view(rating)

    async def take_back(self, caller: Caller, slug: str) -> RatingDeleted:
        """As if nothing had been said. Raises ListingNotFound."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, LISTINGS, slug)
            repository = RatingRepository(tx)
            score = await repository.held_score(assistant.id, self._clock())
            rating = await repository.of(assistant.id, caller.member_id)
            if rating is not None:
                _counted(score, rating.stars, -1)
                score.counted_at = None
                await repository.remove(rating)
        return RatingDeleted(slug=assistant.slug)

    async def reviews(self, caller: Caller, slug: str, page: PageRequest) -> Page[Review]:
        """What was written, the latest first. Raises ListingNotFound."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, LISTINGS, slug)
            repository = RatingRepository(tx)
            rows = await repository.reviews(assistant.id, page)
            names = await repository.names({each.member_id for each in rows.rows})
        return as_page(
            rows, lambda row: review_view(row, names.get(row.member_id, "")), lambda view: view.id
        )


def _counted(score: ListingScore, stars: int, by: int) -> None:
    counts = list(score.stars)
    counts[stars - 1] += by
    score.stars = counts
