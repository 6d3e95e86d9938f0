"""In which order listings come. Pure; docs/ranking.md says why each number is what it is."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Protocol

GROWN_DAYS = 7
"""How old an account must be for its vote to count whole."""
LIGHT_HALF = 20
"""So many light votes of one workspace are half a vote; any number of them is less than one."""
ENOUGH = 10
"""Where so many full ones speak, light ones are silent."""
PRIOR_VOTES = 10
"""A listing begins with so many votes of the catalogue's mean."""
MEAN_VOTES, MEAN_STARS = 20, 3.5
"""The catalogue itself begins with so many votes of so many stars."""
USE_SHARE = 0.3
"""Ten times the people are worth so many stars."""
RECENT_DAYS, FORMER_DAYS = 7, 28
QUIET_PEOPLE = 4
"""People a week more than which a change is no chance."""
NEW_DAYS = 14
NEW_EVERY = 5
"""Each so-maniest place of the top belongs to a new listing, drawn anew every day."""


@dataclass(frozen=True)
class Voters:
    """People of one workspace who used a listing, all of them full or all of them light.

    votes, stars: how many of them rated it, and the sum they gave. recent: those who used it in the
    last week. former: those who may have in the four weeks before.
    """

    is_full: bool
    people: int
    votes: int = 0
    stars: int = 0
    recent: int = 0
    former: int = 0


@dataclass(frozen=True)
class Weights:
    """What a listing is ranked by: numbers of people and votes after weighing, sum of stars."""

    people: float = 0.0
    votes: float = 0.0
    stars: float = 0.0
    recent: float = 0.0
    former: float = 0.0


class Ranked(Protocol):
    """What of a listing decides on its place."""

    @property
    def id(self) -> str:
        """Of its assistant."""
        ...

    @property
    def owner_id(self) -> str:
        """Its builder."""
        ...

    @property
    def listed_at(self) -> datetime:
        """Since when it is in the store."""
        ...

    @property
    def weights(self) -> Weights:
        """What was counted."""
        ...

    @property
    def is_similar(self) -> bool:
        """It repeats an older one."""
        ...


def weighed(groups: Sequence[Voters]) -> Weights:
    """The weights of a listing. Light people of one workspace are less than one together."""
    full_people = sum(group.people for group in groups if group.is_full)
    full_votes = sum(group.votes for group in groups if group.is_full)
    sums = Weights()
    for group in groups:
        of_people = of_votes = 1.0
        if not group.is_full:
            of_people = 0.0 if full_people >= ENOUGH else 1 / (group.people + LIGHT_HALF)
            of_votes = 0.0 if full_votes >= ENOUGH else 1 / (group.votes + LIGHT_HALF)
        sums = replace(
            sums,
            people=sums.people + group.people * of_people,
            votes=sums.votes + group.votes * of_votes,
            stars=sums.stars + group.stars * of_votes,
            recent=sums.recent + group.recent * of_people,
            former=sums.former + group.former * of_people,
        )
    return sums


def mean_stars(catalogue: Iterable[Weights]) -> float:
    """What a vote is on average, over the whole catalogue."""
    votes, stars = float(MEAN_VOTES), MEAN_VOTES * MEAN_STARS
    for weights in catalogue:
        votes += weights.votes
        stars += weights.stars
    return stars / votes


def top_score(weights: Weights, mean: float) -> float:
    """In stars: the Bayesian average, and a little for the number of people."""
    average = (PRIOR_VOTES * mean + weights.stars) / (PRIOR_VOTES + weights.votes)
    return average + USE_SHARE * math.log10(1 + weights.people)


def trend(weights: Weights) -> float:
    """How far the last week is beyond a usual one, in units of chance."""
    usual = weights.former * RECENT_DAYS / FORMER_DAYS
    return (weights.recent - usual) / math.sqrt(usual + QUIET_PEOPLE)


def by_top(listings: Sequence[Ranked], now: datetime) -> list[str]:
    """Ids: what has earned its place, and at every fifth place a new one."""
    # Repetitions have no say in what is usual.
    mean = mean_stars(each.weights for each in listings if not each.is_similar)
    earned = sorted(
        listings,
        key=lambda each: (each.is_similar, -top_score(each.weights, mean), each.listed_at, each.id),
    )
    return _with_new_ones([each.id for each in earned], _drawn(listings, now))


def by_trend(listings: Sequence[Ranked]) -> list[str]:
    """Ids: what more people use than before; of equals the latest first."""
    ranked = sorted(_latest(listings), key=lambda each: (each.is_similar, -trend(each.weights)))
    return [each.id for each in ranked]


def by_age(listings: Sequence[Ranked]) -> list[str]:
    """Ids: the latest first, repetitions last."""
    return [each.id for each in sorted(_latest(listings), key=lambda each: each.is_similar)]


def _latest(listings: Sequence[Ranked]) -> list[Ranked]:
    # What came within one count has one moment; ids sort by time too.
    return sorted(listings, key=lambda each: (each.listed_at, each.id), reverse=True)


def _drawn(listings: Iterable[Ranked], now: datetime) -> list[str]:
    """New listings as the day draws them, one of each builder: neither votes nor numbers help."""
    first: dict[str, tuple[bytes, str]] = {}
    for each in listings:
        if each.is_similar or now - each.listed_at > timedelta(days=NEW_DAYS):
            continue
        lot = (_lot(now.date(), each.id), each.id)
        first[each.owner_id] = min(lot, first.get(each.owner_id, lot))
    # The builder's lot, not the listing's: whoever lists more has no more chances.
    drawn = sorted((_lot(now.date(), owner), name) for owner, (_, name) in first.items())
    return [name for _, name in drawn]


def _lot(day: date, name: str) -> bytes:
    return blake2b(f"{day.isoformat()} {name}".encode(), digest_size=8).digest()


def _with_new_ones(earned: Sequence[str], drawn: Sequence[str]) -> list[str]:
    placed: dict[str, None] = {}
    new, waiting = iter(drawn), iter(earned)
    while len(placed) < len(earned):
        is_for_new = (len(placed) + 1) % NEW_EVERY == 0
        name = next((each for each in new if each not in placed), None) if is_for_new else None
        if name is None:
            name = next(each for each in waiting if each not in placed)
        placed[name] = None
    return list(placed)
