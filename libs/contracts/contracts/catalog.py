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
    """What an answer costs: the median of the last 30 days. amount: a decimal string."""

    amount: str
    currency: str


class TokensPrice(BaseModel):
    """What a model costs by 1,000 tokens read and written, as decimal strings."""

    input: str
    output: str
    currency: str


class ListedKnowledge(BaseModel):
    """What a listing's published version reads, as far as it is still there.

    pages: of documents that have such. names: of the first documents, if the builder shows them;
    None: they do not.
    """

    documents: int
    pages: int
    passages: int
    names: list[str] | None = None


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
    price: None while fewer than 20 answers, or those of fewer than three people, were given in 30
    days; then tokens_price, if it is known, says what the model costs. instructions: None unless
    the builder shows them. may_be_copied: others may make an assistant of their own of it.
    made_from: the listing it was made from, if it is one still.
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
    tokens_price: TokensPrice | None = None
    knowledge: ListedKnowledge
    instructions: str | None = None
    may_be_copied: bool = False
    made_from: ListingLink | None = None
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


class Shelf(BaseModel):
    """The first of the store in one order, or of one category by the top's order."""

    sort: ListingSort
    category: Category | None = None
    listings: list[ListingCard]


class Shelves(BaseModel):
    """The front of the store: trending, new, top, and the fullest categories."""

    object: Literal["list"] = "list"
    data: list[Shelf]
    categories: Categories


class ListingChoices(BaseModel):
    """What its builder shows and allows on an assistant's listing; all of it holds at once.

    Whoever may make a copy has the instructions, so may_be_copied needs shows_instructions.
    """

    model_config = ConfigDict(extra="forbid")

    shows_instructions: bool = False
    names_documents: bool = False
    may_be_copied: bool = False


class ListingChoicesView(ListingChoices):
    """The same for its builders. made_from: the listing this assistant is a copy of."""

    object: Literal["listing.choices"] = "listing.choices"
    assistant_id: str
    made_from: ListingLink | None = None


class ListingCopied(BaseModel):
    """An assistant that was made from a listing: private, and the caller's.

    left_out: how many collections it does not read because the caller may not.
    """

    object: Literal["listing.copy"] = "listing.copy"
    assistant_id: str
    left_out: int = 0


class BuilderView(BaseModel):
    """A builder with their listings, the best first; at most 100."""

    object: Literal["builder"] = "builder"
    handle: str
    name: str
    listings: list[ListingCard]
