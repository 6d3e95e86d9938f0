"""The store's catalogue: listings, ratings and reviews."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.avatars import AvatarHash
from contracts.definitions import Category

REVIEW_CHARACTERS = 2_000


class ListingSort(StrEnum):
    """In which order listings come.

    relevance: how well they fit the query. top: rated and used. trending: used by more people than
    before. new: the latest first.
    """

    RELEVANCE = "relevance"
    TOP = "top"
    TRENDING = "trending"
    NEW = "new"


class Builder(BaseModel):
    """Who answers for a listing: the owner of its assistant. The handle tells nothing of the
    member and stays the same."""

    handle: str
    name: str


class ListingLink(BaseModel):
    """Another listing, as far as a link needs it."""

    slug: str
    name: str


class ListingCard(BaseModel):
    """A public assistant as the store shows it in lists, by what its published version says.

    rating: mean of the stars given, None while nobody has rated it. people: different members who
    got an answer in a conversation. similar_to: the older listing that this one repeats.
    """

    object: Literal["listing"] = "listing"
    assistant_id: str
    slug: str
    name: str
    description: str
    avatar: AvatarHash | None = None
    category: Category | None = None
    tags: list[str] = Field(default_factory=list)
    builder: Builder
    rating: float | None = None
    rating_count: int = 0
    people: int = 0
    published_at: int
    similar_to: ListingLink | None = None


class StarCount(BaseModel):
    """How many gave so many stars."""

    stars: int
    count: int


class ListedVersion(BaseModel):
    """A version that was published, and when."""

    version: int
    created_at: int


class AnswerPrice(BaseModel):
    """What an answer costs: the median of the latest ones. amount: a decimal string."""

    amount: str
    currency: str


class RatingView(BaseModel):
    """What the caller said of a listing."""

    object: Literal["listing.rating"] = "listing.rating"
    stars: int
    review: str
    created_at: int
    changed_at: int


class Listing(ListingCard):
    """A listing's own page.

    asks_first: it wants values before the first question. distribution: from five stars to one.
    price: None while too few answers were given to tell.
    may_rate: the caller has got an answer of it and is none of its builders. versions: the newest
    first, at most 20. more: other listings of its builder.
    """

    starters: list[str] = Field(default_factory=list)
    asks_first: bool = False
    conversations: int = 0
    answers: int = 0
    distribution: list[StarCount]
    model: str
    price: AnswerPrice | None = None
    versions: list[ListedVersion]
    may_rate: bool = False
    is_builder: bool = False
    own_rating: RatingView | None = None
    more: list[ListingCard] = Field(default_factory=list)


class RatingWrite(BaseModel):
    """What a reader says of a listing, the whole of it: a review that is not sent is empty."""

    model_config = ConfigDict(extra="forbid")

    stars: int = Field(ge=1, le=5)
    review: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=REVIEW_CHARACTERS)
    ] = ""


class RatingDeleted(BaseModel):
    """The rating is taken back, or there was none."""

    object: Literal["listing.rating.deleted"] = "listing.rating.deleted"
    slug: str
    deleted: bool = True


class Review(BaseModel):
    """What somebody wrote of a listing, under their name."""

    id: str
    object: Literal["listing.review"] = "listing.review"
    name: str
    stars: int
    review: str
    created_at: int
    changed_at: int


class CategoryCount(BaseModel):
    """A category, and how many listings are in it."""

    category: Category
    listings: int


class Categories(BaseModel):
    """The categories that have listings, the fullest first."""

    object: Literal["list"] = "list"
    data: list[CategoryCount]
    listings: int


class BuilderView(BaseModel):
    """A builder with their listings, the best first; at most 100."""

    object: Literal["builder"] = "builder"
    handle: str
    name: str
    listings: list[ListingCard]
