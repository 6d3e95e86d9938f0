"""What a process remembers of the catalogue, and what it answers out of that. Pure; for one thread.

Ids come out, never words: what is shown of a listing is read under the rights of that moment.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from contracts.catalog import ListingSort
from contracts.definitions import Category
from gateway.catalog.rules.listed import Place, handle_of
from gateway.catalog.rules.ranking import by_age, by_top, by_trend, mean_stars, top_score
from gateway.catalog.rules.searching import Analysed, WordIndex

RANK_SHARE = 0.1
"""Of the fit to a query, what each star more is worth."""


MOST_MEANT = 5
"""Listings that only their meaning found."""
SHELF_ORDERS = (ListingSort.TRENDING, ListingSort.NEW, ListingSort.TOP)
MOST_CATEGORIES = 4
LEAST_ON_SHELF = 3
"""A category with fewer listings is found in its list, not on a shelf of its own."""
MOST_ON_SHELF = 12


class Shelved(NamedTuple):
    """The first ids of an order; of a category, if one is named."""

    sort: ListingSort
    category: Category | None
    ids: Sequence[str]


@dataclass(frozen=True)
class Standing:
    """Places and all that follows from them alone.

    worth: id -> by what its fit to a query is multiplied. of_builders: handle -> ids, the best
    first. best: the first of each category by the top's order.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    slugs: Mapping[str, Place] = field(default_factory=dict)
    orders: Mapping[ListingSort, Sequence[str]] = field(
        default_factory=lambda: dict.fromkeys(ListingSort, ())
    )
    worth: Mapping[str, float] = field(default_factory=dict)
    of_builders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    best: Mapping[Category, Sequence[str]] = field(default_factory=dict)
    categories: Sequence[tuple[Category, int]] = ()


def standing_of(places: Sequence[Place], now: datetime) -> Standing:
    """In which orders these places stand."""
    top = by_top(places, now)
    by_id = {each.id: each for each in places}
    mean = mean_stars(each.weights for each in places if not each.is_similar)
    handles = {owner: handle_of(owner) for owner in {each.owner_id for each in places}}
    of_builders: defaultdict[str, list[str]] = defaultdict(list)
    best: defaultdict[Category, list[str]] = defaultdict(list)
    for name in top:
        of_builders[handles[by_id[name].owner_id]].append(name)
        category = by_id[name].category
        if category and len(best[Category(category)]) < MOST_ON_SHELF:
            best[Category(category)].append(name)
    counts = Counter(each.category for each in places if each.category)
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Standing(
        places=by_id,
        slugs={each.slug: each for each in places},
        orders={
            ListingSort.RELEVANCE: top,
            ListingSort.TOP: top,
            ListingSort.TRENDING: by_trend(places),
            ListingSort.NEW: by_age(places),
        },
        worth={each.id: 1 + RANK_SHARE * top_score(each.weights, mean) for each in places},
        of_builders=of_builders,
        best=best,
        categories=[(Category(name), count) for name, count in ranked],
    )


class Memory:
    """Words and standing of all listings. A change shows whole or not at all."""

    def __init__(self) -> None:
        self._index = WordIndex()
        self._standing = Standing()

    def take(self, standing: Standing, words: Mapping[str, Analysed]) -> None:
        """From now on this. words: of the listings whose words are others than before."""
        for gone in self._standing.places.keys() - standing.places.keys():
            self._index.drop(gone)
        for name, found in words.items():
            self._index.put(name, found)
        self._index.sort()
        self._standing = standing

    def found(
        self,
        query: str,
        sort: ListingSort,
        category: Category | None,
        tag: str,
        meant: Sequence[str] = (),
    ) -> Sequence[str]:
        """The ids of all that fits, in order. meant: of what words did not find, these may follow,
        the nearest first."""
        order = self._standing.orders[sort]
        fits = self._chosen(category, tag)
        if not query.strip():
            return order if fits is None else [each for each in order if fits(each)]
        scores = self._index.search(query)
        if fits is not None:
            scores = {each: score for each, score in scores.items() if fits(each)}
        if sort is not ListingSort.RELEVANCE:
            return [each for each in order if each in scores]
        return [*self._by_relevance(scores), *self._only_meant(meant, scores, fits)]

    def shelves(self, most: int) -> Sequence[Shelved]:
        """The front of the store: the orders, then the fullest categories, so many of each."""
        now = self._standing
        shelves = [Shelved(sort, None, now.orders[sort][:most]) for sort in SHELF_ORDERS]
        for category, count in now.categories[:MOST_CATEGORIES]:
            if count >= LEAST_ON_SHELF:
                shelves.append(Shelved(ListingSort.TOP, category, now.best[category][:most]))
        return shelves

    def categories(self) -> tuple[Sequence[tuple[Category, int]], int]:
        """Categories with their numbers of listings, the fullest first, and of all listings."""
        return self._standing.categories, len(self._standing.places)

    def of_builder(self, handle: str) -> Sequence[str]:
        """The ids of a builder's listings, the best first."""
        return self._standing.of_builders.get(handle, ())

    def beside(self, slug: str, most: int) -> Sequence[str]:
        """The best other ids of whoever builds the listing of this slug."""
        now = self._standing
        place = now.slugs.get(slug)
        if place is None:
            return ()
        ids = (each for each in self.of_builder(handle_of(place.owner_id)) if each != place.id)
        return list(islice(ids, most))

    def _chosen(self, category: Category | None, tag: str) -> Callable[[str], bool] | None:
        if category is None and not tag:
            return None
        places = self._standing.places

        def fits(listing_id: str) -> bool:
            place = places[listing_id]
            return (category is None or place.category == category) and (
                not tag or tag in place.tags
            )

        return fits

    def _only_meant(
        self,
        meant: Sequence[str],
        worded: Mapping[str, float],
        fits: Callable[[str], bool] | None,
    ) -> list[str]:
        places = self._standing.places
        more = [
            each
            for each in meant
            if each in places and each not in worded and (fits is None or fits(each))
        ]
        return sorted(more, key=lambda each: places[each].is_similar)[:MOST_MEANT]

    def _by_relevance(self, scores: Mapping[str, float]) -> list[str]:
        places, worth = self._standing.places, self._standing.worth
        # Sorted by plain numbers, which takes a third of the time that tuples do.
        last = {each: -score * worth[each] for each, score in scores.items()}
        ranked = sorted(sorted(last), key=last.__getitem__)
        return sorted(ranked, key=lambda each: places[each].is_similar)
