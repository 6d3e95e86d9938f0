"""Listings: found, shown, and gathered by builder."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.catalog import (
    BuilderView,
    Categories,
    CategoryCount,
    ListedKnowledge,
    Listing,
    ListingCard,
    ListingSort,
    Shelf,
    Shelves,
)
from contracts.definitions import Category
from contracts.lists import Page
from gateway.caller import Caller
from gateway.catalog.errors import BuilderNotFound
from gateway.catalog.repository.listings import LISTINGS, ListingRepository
from gateway.catalog.repository.ratings import RatingRepository
from gateway.catalog.repository.shown import Known, Shown, ShownRepository
from gateway.catalog.rules.listed import Card, after_cursor, cursor_at
from gateway.catalog.service.catalogue import Catalogue
from gateway.catalog.service.meaning import MeaningSearch
from gateway.catalog.service.prices import ListedPrices
from gateway.catalog.service.rating import builds
from gateway.catalog.service.views import (
    card_view,
    distribution_view,
    link_view,
    price_view,
    rating_view,
    version_views,
)
from gateway.db import Database, Transaction
from gateway.policy.loading import load
from gateway.policy.words import Action

MOST_OF_BUILDER = 100
MORE_SHOWN = 4


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. tag: "" for any."""

    query: str
    sort: ListingSort
    category: Category | None
    tag: str
    limit: int
    after: str | None


class ListingService:
    """Shows what is public at this moment, in the order that the catalogue remembers."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        meaning: MeaningSearch,
        prices: ListedPrices,
        default_model: str,
    ) -> None:
        self._database = database
        self._meaning = meaning
        self._catalogue = catalogue
        self._prices = prices
        self._default_model = default_model

    async def find(self, caller: Caller, wanted: Wanted) -> Page[ListingCard]:
        """A page of what fits."""
        order = await self._order(wanted)
        begin = after_cursor(order, wanted.after)
        ids = order[begin : begin + wanted.limit]
        async with self._database.transaction() as tx:
            views = await shown(tx, caller, ids)
        end = begin + len(ids)
        return Page(
            data=views,
            first_id=cursor_at(order, begin) if ids else None,
            last_id=cursor_at(order, end - 1) if ids else None,
            has_more=end < len(order),
        )

    async def _order(self, wanted: Wanted) -> Sequence[str]:
        """The ids of all that fits; by relevance, what only its meaning found comes last."""
        is_ranked = wanted.sort is ListingSort.RELEVANCE
        meant = await self._meaning.meant(wanted.query) if is_ranked else ()
        return await self._catalogue.found(
            wanted.query, wanted.sort, wanted.category, wanted.tag, meant
        )

    async def get(self, caller: Caller, slug: str) -> Listing:
        """One listing, whole. Raises ListingNotFound."""
        beside = await self._catalogue.beside(slug, MORE_SHOWN)
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, LISTINGS, slug)
            listings = ListingRepository(tx)
            cards = await listings.cards(caller, [assistant.id, *beside])
            card = cards.get(assistant.id)
            if card is None:
                raise LISTINGS.missing(slug)  # withdrawn between the two looks
            showing = await ShownRepository(tx).shown(card.id)
            others = [card.similar_to, showing.made_from]
            elder = await listings.cards(caller, [each for each in others if each is not None])
            is_builder = await builds(tx, caller, assistant)
            has_used, own = await RatingRepository(tx).standing_of(card.id, caller.member_id)
            listing = Listing(
                **dict(card_view(card, elder)),
                starters=list(card.starters),
                asks_first=card.has_variables,
                conversations=card.conversations,
                answers=card.answers,
                distribution=distribution_view(card.stars),
                model=card.model or self._default_model,
                price=price_view(card.price),
                knowledge=await _knowledge(tx, showing),
                instructions=showing.instructions,
                may_be_copied=showing.may_be_copied,
                made_from=link_view(elder.get(showing.made_from or "")),
                versions=version_views(await listings.versions(card.id)),
                may_rate=has_used and not is_builder,
                is_builder=is_builder,
                own_rating=None if own is None else rating_view(own),
                more=[
                    card_view(cards[each], {})
                    for each in beside
                    # Read anew: it may have gone to somebody else a moment ago.
                    if each in cards and cards[each].owner_id == card.owner_id
                ],
            )
        if listing.price is None:
            listing.tokens_price = await self._prices.of(listing.model)
        return listing

    async def shelves(self, caller: Caller, size: int) -> Shelves:
        """The front of the store."""
        shelves = await self._catalogue.shelves(size)
        ids = list(dict.fromkeys(each for shelf in shelves for each in shelf.ids))
        async with self._database.transaction() as tx:
            cards = {each.assistant_id: each for each in await shown(tx, caller, ids)}
        data = [
            Shelf(
                sort=shelf.sort,
                category=shelf.category,
                listings=[cards[each] for each in shelf.ids if each in cards],
            )
            for shelf in shelves
        ]
        return Shelves(data=data, categories=await self.categories())

    async def categories(self) -> Categories:
        """Which categories there is anything in."""
        counts, total = await self._catalogue.categories()
        data = [CategoryCount(category=name, listings=count) for name, count in counts]
        return Categories(data=data, listings=total)

    async def builder(self, caller: Caller, handle: str) -> BuilderView:
        """Somebody with what they list. Raises BuilderNotFound."""
        ids = (await self._catalogue.of_builder(handle))[:MOST_OF_BUILDER]
        async with self._database.transaction() as tx:
            views = await shown(tx, caller, ids)
        # Read anew: the assistant may have gone to somebody else a moment ago.
        views = [each for each in views if each.builder.handle == handle]
        if not views:
            raise BuilderNotFound(f"There is no builder {handle} with a listing.")
        return BuilderView(handle=handle, name=views[0].builder.name, listings=views)


async def shown(tx: Transaction, caller: Caller, ids: Sequence[str]) -> list[ListingCard]:
    """Those of the ids that are listings now, in their order."""
    cards = await ListingRepository(tx).cards(caller, ids)
    elder = await originals(tx, caller, list(cards.values()))
    return [card_view(cards[each], elder) for each in ids if each in cards]


async def originals(tx: Transaction, caller: Caller, cards: Sequence[Card]) -> dict[str, Card]:
    """id -> what these repeat, as far as it is listed."""
    ids = {each.similar_to for each in cards if each.similar_to is not None}
    return await ListingRepository(tx).cards(caller, ids) if ids else {}


async def _knowledge(tx: Transaction, showing: Shown) -> ListedKnowledge:
    repository = ShownRepository(tx)
    known = await repository.known(showing.epochs) if showing.epochs else Known(0, 0, 0)
    names = await repository.names(showing.epochs) if showing.names_documents else None
    return ListedKnowledge(
        documents=known.documents, pages=known.pages, passages=known.passages, names=names
    )
