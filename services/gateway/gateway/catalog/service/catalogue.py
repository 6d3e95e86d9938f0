"""The catalogue as one process remembers it: which listings there are, their words, their order.

Only ids come out of here. What is shown of them is read anew, under the rights of this moment.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.catalog import ListingSort
from contracts.definitions import Category
from gateway.catalog.repository.listings import ListingRepository, Words
from gateway.catalog.rules.listed import Place, handle_of
from gateway.catalog.rules.ranking import (
    by_age,
    by_top,
    by_trend,
    mean_stars,
    top_score,
)
from gateway.catalog.rules.searching import Analysed, WordIndex, analysed
from gateway.clock import Clock, utc_now
from gateway.db import Database

LOOK_SECONDS = 1
SCORES_SECONDS = 10
"""How old the order may be when only ratings and uses have changed."""
RANK_SHARE = 0.1
"""Of the fit to a query, what each star more is worth."""


class Catalogue:
    """Looks at a stamp before it answers, at most every second; reads again what has changed."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._reading = asyncio.Lock()
        self._looked_at: datetime | None = None
        self._read_at: datetime | None = None
        self._stamps: tuple[Any, ...] = ()
        self._places: dict[str, Place] = {}
        self._analysed: dict[str, tuple[int, str]] = {}
        self._index = WordIndex()
        self._orders: dict[ListingSort, list[str]] = {}

    async def found(
        self, query: str, sort: ListingSort, category: Category | None, tag: str
    ) -> list[str]:
        """The ids of all that fits, in order."""
        await self._look()
        fits = self._chosen(category, tag)
        if query.strip():
            scores = self._index.search(query)
            if sort is ListingSort.RELEVANCE:
                return self._by_relevance({each: s for each, s in scores.items() if fits(each)})
            return [each for each in self._orders[sort] if each in scores and fits(each)]
        order = ListingSort.TOP if sort is ListingSort.RELEVANCE else sort
        return [each for each in self._orders[order] if fits(each)]

    async def categories(self) -> tuple[list[tuple[Category, int]], int]:
        """Categories with their numbers of listings, the fullest first, and of all listings."""
        await self._look()
        counts = Counter(each.category for each in self._places.values() if each.category)
        ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        return [(Category(name), count) for name, count in ranked], len(self._places)

    async def of_builder(self, handle: str) -> list[str]:
        """The ids of a builder's listings, the best first."""
        await self._look()
        order = self._orders[ListingSort.TOP]
        return [each for each in order if handle_of(self._places[each].owner_id) == handle]

    def _chosen(self, category: Category | None, tag: str) -> Callable[[str], bool]:
        def fits(listing_id: str) -> bool:
            place = self._places[listing_id]
            return (category is None or place.category == category) and (
                not tag or tag in place.tags
            )

        return fits

    def _by_relevance(self, scores: dict[str, float]) -> list[str]:
        places = self._places.values()
        mean = mean_stars(each.weights for each in places if not each.is_similar)

        def rank(listing_id: str) -> tuple[bool, float, str]:
            place = self._places[listing_id]
            worth = 1 + RANK_SHARE * top_score(place.weights, mean)
            return place.is_similar, -scores[listing_id] * worth, listing_id

        return sorted(scores, key=rank)

    async def _look(self) -> None:
        if not self._is_due():
            return
        async with self._reading:
            if self._is_due():
                await self._read()

    def _is_due(self) -> bool:
        # Whoever moves the clock back is looked for at once as well.
        return self._looked_at is None or (
            abs(self._clock() - self._looked_at) >= timedelta(seconds=LOOK_SECONDS)
        )

    async def _read(self) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = ListingRepository(tx)
            stamps = (await repository.stamp(), await repository.scores_stamp(), now.date())
            if self._is_read(stamps, now):
                self._looked_at = now
                return
            places = {each.id: each for each in await repository.places(now)}
            known = {name: (each.version, each.builder) for name, each in places.items()}
            changed = [name for name in known if self._analysed.get(name) != known[name]]
            said = await repository.words(changed) if changed else []
        # A first look analyses everything, which must not stop the loop meanwhile.
        words = await asyncio.to_thread(_analysed, said)
        orders = await asyncio.to_thread(_orders, list(places.values()), now)
        # From here on without a pause: whoever asks sees all of it or nothing.
        for gone in self._analysed.keys() - known.keys():
            self._index.drop(gone)
        for name, found in words.items():
            self._index.put(name, found)
        self._analysed, self._places, self._orders = known, places, orders
        self._stamps, self._looked_at, self._read_at = stamps, now, now

    def _is_read(self, stamps: tuple[Any, ...], now: datetime) -> bool:
        if self._read_at is None or stamps[0] != self._stamps[0]:
            return False
        is_young = abs(now - self._read_at) < timedelta(seconds=SCORES_SECONDS)
        return is_young or stamps == self._stamps


def _analysed(said: Sequence[Words]) -> dict[str, Analysed]:
    return {
        each.id: analysed(each.name, each.tags, each.builder, each.description) for each in said
    }


def _orders(places: Sequence[Place], now: datetime) -> dict[ListingSort, list[str]]:
    return {
        ListingSort.TOP: by_top(places, now),
        ListingSort.TRENDING: by_trend(places),
        ListingSort.NEW: by_age(places),
    }
