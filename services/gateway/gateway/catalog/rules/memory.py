"""What a process remembers of the catalogue, and what it answers out of that. Pure; for one thread.

Ids come out, never words: what is shown of a listing is read under the rights of that moment.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.catalog import ListingSort
from contracts.definitions import Category
from gateway.catalog.rules.listed import Place, handle_of
from gateway.catalog.rules.ranking import by_age, by_top, by_trend, mean_stars, top_score
from gateway.catalog.rules.searching import Analysed, WordIndex

RANK_SHARE = 0.1
"""Of the fit to a query, what each star more is worth."""


@dataclass(frozen=True)
class Standing:
    """Places and all that follows from them alone.

    worth: id -> by what its fit to a query is multiplied. of_builders: handle -> ids, the best
    first.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    orders: Mapping[ListingSort, Sequence[str]] = field(
        default_factory=lambda: dict.fromkeys(ListingSort, ())
    )
    worth: Mapping[str, float] = field(default_factory=dict)
    of_builders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    categories: Sequence[tuple[Category, int]] = ()


def standing_of(places: Sequence[Place], now: datetime) -> Standing:
    """In which orders these places stand."""
    top = by_top(places, now)
    by_id = {each.id: each for each in places}
    mean = mean_stars(each.weights for each in places if not each.is_similar)
    handles = {owner: handle_of(owner) for owner in {each.owner_id for each in places}}
    of_builders: defaultdict[str, list[str]] = defaultdict(list)
    for name in top:
        of_builders[handles[by_id[name].owner_id]].append(name)
    counts = Counter(each.category for each in places if each.category)
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Standing(
        places=by_id,
        orders={
            ListingSort.RELEVANCE: top,
            ListingSort.TOP: top,
            ListingSort.TRENDING: by_trend(places),
            ListingSort.NEW: by_age(places),
        },
        worth={each.id: 1 + RANK_SHARE * top_score(each.weights, mean) for each in places},
        of_builders=of_builders,
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
        self, query: str, sort: ListingSort, category: Category | None, tag: str
    ) -> Sequence[str]:
        """The ids of all that fits, in order."""
        order = self._standing.orders[sort]
        fits = self._chosen(category, tag)
        if not query.strip():
            return order if fits is None else [each for each in order if fits(each)]
        scores = self._index.search(query)
        if fits is not None:
            scores = {each: score for each, score in scores.items() if fits(each)}
        if sort is ListingSort.RELEVANCE:
            return self._by_relevance(scores)
        return [each for each in order if each in scores]

    def best_of(self, category: Category, most: int) -> Sequence[str]:
        """The first of a category by the top's order."""
        places, best = self._standing.places, list[str]()
        for name in self._standing.orders[ListingSort.TOP]:
            if len(best) == most:
                break
            if places[name].category == category:
                best.append(name)
        return best

    def categories(self) -> tuple[Sequence[tuple[Category, int]], int]:
        """Categories with their numbers of listings, the fullest first, and of all listings."""
        return self._standing.categories, len(self._standing.places)

    def of_builder(self, handle: str) -> Sequence[str]:
        """The ids of a builder's listings, the best first."""
        return self._standing.of_builders.get(handle, ())

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

    def _by_relevance(self, scores: Mapping[str, float]) -> list[str]:
        places, worth = self._standing.places, self._standing.worth
        # Sorted by plain numbers, which takes a third of the time that tuples do.
        last = {each: -score * worth[each] for each, score in scores.items()}
        ranked = sorted(sorted(last), key=last.__getitem__)
        return sorted(ranked, key=lambda each: places[each].is_similar)
