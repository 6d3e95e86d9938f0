"""Listings and ratings as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.catalog import (
    AnswerPrice,
    Builder,
    ListedVersion,
    ListingCard,
    ListingLink,
    RatingView,
    Review,
    StarCount,
)
from contracts.definitions import Category
from gateway.catalog.rules.listed import Card, Cost, handle_of, mean_of
from gateway.catalog.tables import Rating
from gateway.clock import unix_seconds
from gateway.money import money


def card_view(card: Card, originals: Mapping[str, Card]) -> ListingCard:
    """A listing in a list. originals: the listings that others repeat, by id."""
    original = originals.get(card.similar_to or "")
    return ListingCard(
        assistant_id=card.id,
        slug=card.slug,
        name=card.name,
        description=card.description,
        avatar=card.avatar,
        category=None if card.category is None else Category(card.category),
        tags=list(card.tags),
        builder=Builder(handle=handle_of(card.owner_id), name=card.builder),
        rating=mean_of(card.stars),
        rating_count=sum(card.stars),
        people=card.people,
        published_at=unix_seconds(card.published_at),
        similar_to=link_view(original),
    )


def link_view(card: Card | None) -> ListingLink | None:
    """Another listing; None where it is none any more."""
    return None if card is None else ListingLink(slug=card.slug, name=card.name)


def distribution_view(stars: Sequence[int]) -> list[StarCount]:
    """From five stars to one."""
    return [StarCount(stars=number, count=stars[number - 1]) for number in range(5, 0, -1)]


def price_view(cost: Cost | None) -> AnswerPrice | None:
    """What an answer costs."""
    return None if cost is None else AnswerPrice(amount=money(cost.pico), currency=cost.currency)


def version_views(versions: Sequence[tuple[int, datetime]]) -> list[ListedVersion]:
    """Numbers and dates."""
    return [ListedVersion(version=each, created_at=unix_seconds(at)) for each, at in versions]


def rating_view(rating: Rating) -> RatingView:
    """To whoever gave it."""
    return RatingView(
        stars=rating.stars,
        review=rating.review,
        created_at=unix_seconds(rating.created_at),
        changed_at=unix_seconds(rating.changed_at),
    )


def review_view(rating: Rating, name: str) -> Review:
    """To everybody."""
    return Review(
        id=rating.id,
        name=name,
        stars=rating.stars,
        review=rating.review,
        created_at=unix_seconds(rating.created_at),
        changed_at=unix_seconds(rating.changed_at),
    )
