"""Search of one collection, in the shapes of OpenAI's vector store search."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MOST_RESULTS = 50
MOST_QUERIES = 10
MOST_CONDITIONS = 50
DEEPEST_FILTER = 8

Query = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Value = str | float | bool


class ComparisonFilter(BaseModel):
    """One attribute compared with a value. Values of another type never compare."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str = Field(max_length=64)
    value: Value | Annotated[list[Value], Field(max_length=200)]


class CompoundFilter(BaseModel):
    """Several filters, all of which (`and`) or one of which (`or`) must hold."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["and", "or"]
    filters: list["Filter"] = Field(min_length=1, max_length=MOST_CONDITIONS)


Filter = Annotated[ComparisonFilter | CompoundFilter, Field(discriminator="type")]


class RankingOptions(BaseModel):
    """score_threshold: leave out what is less alike. The ranker is always our own."""

    model_config = ConfigDict(extra="forbid")

    ranker: Literal["none", "auto", "default-2024-11-15"] = "auto"
    score_threshold: float = Field(default=0, ge=0, le=1)


class CollectionSearch(BaseModel):
    """A question, or several at once. rewrite_query is taken, and nothing is rewritten yet."""

    model_config = ConfigDict(extra="forbid")

    query: Query | Annotated[list[Query], Field(min_length=1, max_length=MOST_QUERIES)]
    filters: Filter | None = None
    max_num_results: int = Field(default=10, ge=1, le=MOST_RESULTS)
    ranking_options: RankingOptions = RankingOptions()
    rewrite_query: bool = False

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        conditions, depth = (0, 0) if self.filters is None else _extent(self.filters)
        if conditions > MOST_CONDITIONS or depth > DEEPEST_FILTER:
            raise ValueError(
                f"filters may hold {MOST_CONDITIONS} comparisons in {DEEPEST_FILTER} levels"
            )
        return self

    def queries(self) -> list[str]:
        """The questions, each once."""
        return [self.query] if isinstance(self.query, str) else list(dict.fromkeys(self.query))


def _extent(part: Filter) -> tuple[int, int]:
    """How many comparisons a filter holds, and how deep it goes."""
    if isinstance(part, ComparisonFilter):
        return 1, 1
    inner = [_extent(each) for each in part.filters]
    return sum(count for count, _ in inner), 1 + max(depth for _, depth in inner)


class FoundText(BaseModel):
    """The text of a passage found."""

    type: Literal["text"] = "text"
    text: str


class FoundPassage(BaseModel):
    """A passage found; the fields after `content` are ours. start, end: code points."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, str | float | bool]
    content: list[FoundText]
    passage_id: str
    document_version: int
    page: int | None
    start: int
    end: int


class SearchPage(BaseModel):
    """What was found, best first. One page always holds it all."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[FoundPassage]
    has_more: bool = False
    next_page: None = None
