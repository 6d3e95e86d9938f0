"""Listings as they are read out of the store, before they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from gateway.catalog.rules.ranking import Weights

HANDLE_PREFIX = "bld_"


@dataclass(frozen=True)
class Place:
    """What decides where a listing stands. similar_to: the elder one's id, while that is public."""

    id: str
    slug: str
    version: int
    owner_id: str
    builder: str
    category: str | None
    tags: tuple[str, ...]
    listed_at: datetime
    weights: Weights
    similar_to: str | None

    @property
    def is_similar(self) -> bool:
        """It repeats an older one."""
        return self.similar_to is not None


@dataclass(frozen=True)
class Cost:
    """What an answer costs in the middle, in pico-units."""

    currency: str
    pico: int


@dataclass(frozen=True)
class Card:
    """What a list shows of a listing. stars: how many gave one, two … five."""

    id: str
    slug: str
    owner_id: str
    builder: str
    version: int
    published_at: datetime
    name: str
    description: str
    avatar: str | None
    category: str | None
    tags: tuple[str, ...]
    starters: tuple[str, ...]
    has_variables: bool
    model: str | None
    stars: tuple[int, ...]
    people: int
    conversations: int
    answers: int
    similar_to: str | None
    price: Cost | None


def handle_of(member_id: str) -> str:
    """A builder's name in addresses: always the same, and nothing leads back from it."""
    digest = blake2b(member_id.encode(), digest_size=10, person=b"stoa builder")
    return HANDLE_PREFIX + digest.hexdigest()


def mean_of(stars: Sequence[int]) -> float | None:
    """The mean of the stars given, to two places; None: nobody gave any."""
    count = sum(stars)
    if count == 0:
        return None
    return round(sum(number * given for number, given in enumerate(stars, start=1)) / count, 2)


def after_cursor(order: Sequence[str], cursor: str | None) -> int:
    """Where the page after a cursor begins. The order may have changed since: then after the
    listing that was the last, or where that was."""
    if cursor is None:
        return 0
    place, _, last = cursor.partition(".")
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 8 else 0
    if at < len(order) and order[at] == last:
        return at + 1
    return order.index(last) + 1 if last in order else at


def cursor_at(order: Sequence[str], place: int) -> str:
    """What `after` takes to begin behind this place."""
    return f"{place}.{order[place]}"
