"""Passages and vectors as they cross the border of retrieval."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FOREVER = 2**53 - 1
"""An epoch after every other: `until_epoch` of what is current, `from_epoch` of the unrevealed."""


class PassageFlag(StrEnum):
    """What in a passage reads like an instruction to a model, for its builder to judge."""

    OVERRIDE = "overrides_instructions"
    ROLE = "changes_role"
    MARKER = "imitates_markers"
    DISCLOSURE = "asks_for_prompt"
    CONCEALMENT = "keeps_from_reader"
    SENDING = "sends_data_out"
    HIDDEN = "hidden_characters"


class EmbeddingStamp(BaseModel):
    """Which model, in which version, made a vector. Vectors of different stamps never mix.

    revision: 16 hex digits over the model file, the conversion and the prefixes.
    words: the version of the lexical weights beside the vector; empty for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_id: str
    dimension: int = Field(gt=0, le=8192)
    revision: str = Field(pattern=r"^[0-9a-f]{16}$")
    words: str = Field(default="", pattern=r"^[0-9a-z]{0,16}$")


class WordWeights(BaseModel):
    """The words of a text, by number, and how much each weighs: a sparse vector.

    indices: ascending, each once. values: as many, above 0.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    indices: list[Annotated[int, Field(ge=0, lt=1 << 32)]] = Field(default=[], max_length=4_096)
    values: list[Annotated[float, Field(gt=0, le=1_000)]] = []

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.indices) != len(self.values):
            raise ValueError("as many values as indices are needed")
        if any(one >= other for one, other in pairwise(self.indices)):
            raise ValueError("indices must ascend, each once")
        return self


class PassageVector(BaseModel):
    """One passage of a document version, ready for the index. The text stays with the gateway.

    passage_id: `psg_…`, the gateway's row. index: position within the version, from 0.
    scripts: what it is written in, the most used first; words are compared within a script only.
    """

    passage_id: str
    index: int = Field(ge=0)
    vector: list[float]
    words: WordWeights = WordWeights()
    scripts: list[str] = Field(default=[], max_length=5)


class PassageBatch(BaseModel):
    """Vectors of one document version. They stay unseen until the version is revealed."""

    stamp: EmbeddingStamp
    collection_id: str
    document_id: str
    document_version_id: str
    passages: list[PassageVector] = Field(min_length=1, max_length=256)


class Reveal(BaseModel):
    """Make a version's passages current from an epoch of its collection on.

    The version it replaces, if any, ends at that same epoch.
    until_epoch: the epoch at which this version itself has ended, when it is put back.
    """

    document_version_id: str
    from_epoch: int = Field(ge=1)
    replaces_version_id: str | None = None
    until_epoch: int = FOREVER


MOST_VERSIONS = 2_000
"""How many document versions one search may be narrowed to."""


class SearchRequest(BaseModel):
    """A question. What may be searched is in the service token, not here.

    only_versions: narrows the search to these document versions; it never widens it.
    """

    query: str = Field(min_length=1, max_length=8_000)
    limit: int = Field(default=12, ge=1, le=100)
    only_versions: list[str] | None = Field(default=None, max_length=MOST_VERSIONS)


class SearchHit(BaseModel):
    """A passage found.

    score: what hits are ordered by, 0 to 1. similarity: of meaning, a cosine, -1 to 1.
    words: of the words it shares with the question, BM25 with rarity, 0 or more.
    index: its position within the version.
    """

    passage_id: str
    document_id: str
    document_version_id: str
    collection_id: str
    index: int = 0
    score: float
    similarity: float = 0
    words: float = 0


class SearchResult(BaseModel):
    """Hits, best first. can_rerank: a model is there that puts a few of them in a better order.

    question_tokens: of the question, as the embedding model counts what it reads; 0: it was not
    asked. is_remembered: the vector was there already.
    """

    stamp: EmbeddingStamp
    hits: list[SearchHit]
    can_rerank: bool = False
    question_tokens: int = Field(default=0, ge=0)
    is_remembered: bool = False


class RerankRequest(BaseModel):
    """A question and texts that may answer it."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=2_000)
    texts: list[Annotated[str, StringConstraints(max_length=8_000)]] = Field(
        min_length=1, max_length=32
    )


class RerankResult(BaseModel):
    """A score for each text, in their order; more is better. tokens: what the model read, the
    question once with each text. model_id: which model it was."""

    scores: list[float]
    model_id: str = ""
    tokens: int = Field(default=0, ge=0)


class EmbeddingRequest(BaseModel):
    """Texts to embed as questions or as passages (the model puts a different prefix on each)."""

    texts: list[str] = Field(min_length=1, max_length=128)
    kind: Literal["question", "passage"]


class EmbeddingResult(BaseModel):
    """Unit vectors, in the order of the texts. tokens: what the model read of them, together."""

    stamp: EmbeddingStamp
    vectors: list[list[float]]
    tokens: int = Field(default=0, ge=0)


class SearchModels(BaseModel):
    """The models that search is made of. reranker: None where there is none."""

    embedding: str
    reranker: str | None = None


class PassageCount(BaseModel):
    """How many passages of a document version the index holds."""

    document_version_id: str
    count: int
