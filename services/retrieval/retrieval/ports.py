"""What retrieval needs of a vector store, and the facts a store may state."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from contracts.errors import ErrorKind, StoreError
from contracts.passages import FOREVER, EmbeddingStamp, PassageBatch, WordWeights

DENSE, WORDS = "dense", "words"
"""The names of a point's two vectors: one of meaning, one of words."""

NOW = FOREVER - 1
"""The epoch that sees what is current: later than every reveal, earlier than the unrevealed."""

KEYWORD_FIELDS = ("tenant", "collection", "version", "scripts")
EPOCH_FIELDS = ("from_epoch", "until_epoch")
"""Fields with a payload index: every filter is built from these and no others."""


@dataclass(frozen=True)
class CollectionView:
    """One collection as it stood at an epoch."""

    collection_id: str
    epoch: int


@dataclass(frozen=True)
class Scope:
    """All that a search may see: these views, within one tenant. No views, no hits.

    only_versions: of that, nothing but these document versions (None: all).
    """

    tenant: str
    views: tuple[CollectionView, ...]
    only_versions: tuple[str, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing can be found."""
        return not self.views or self.only_versions == ()


class Match(NamedTuple):
    """A point that one of the two searches found, and the cosine or the BM25 sum it got."""

    point: str
    score: float


@dataclass(frozen=True)
class Found:
    """The passage that a point stands for. scripts: see PassageVector."""

    passage_id: str
    document_id: str
    document_version_id: str
    collection_id: str
    index: int
    scripts: tuple[str, ...]


class IndexUnavailable(StoreError):
    """The vector store did not do what it was asked."""

    kind = ErrorKind.UNAVAILABLE
    code = "index_unavailable"


class IndexInUse(IndexUnavailable):
    """Another process holds the embedded index."""

    code = "index_in_use"


class VersionNotFound(StoreError):
    """The document version belongs to another workspace, which must look like absence."""

    kind = ErrorKind.NOT_FOUND
    code = "document_version_not_found"


class VectorStore(Protocol):
    """Passages of one embedding stamp. Nothing reaches beyond `tenant`; all is safe to repeat.

    What a call did is durable when it returns.
    """

    async def put(self, tenant: str, batch: PassageBatch) -> None:
        """Add passages, unseen until revealed. Revealed ones stay as they are.

        Raises VersionNotFound, changing nothing, when a passage belongs to another tenant.
        """

    async def reveal(self, tenant: str, version_id: str, from_epoch: int) -> None:
        """Let readers see a version from an epoch of its collection on."""

    async def supersede(self, tenant: str, version_id: str, until_epoch: int) -> None:
        """Keep a version only for readers of epochs before `until_epoch`."""

    async def delete(self, tenant: str, version_id: str) -> None:
        """Remove a version for every reader."""

    async def count(self, tenant: str, version_id: str) -> int:
        """How many passages of a version are held, seen or unseen."""

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Match]:
        """The points in scope nearest to `vector`, best first."""

    async def sharing_words(
        self, scope: Scope, words: WordWeights, scripts: Sequence[str], limit: int
    ) -> list[Match]:
        """The points in scope and in one of the scripts that share words, best first.

        How rare a word is, is counted over the scope's collections, whatever their epoch: what
        others own changes no score.
        """

    async def passages(self, tenant: str, points: Sequence[str]) -> dict[str, Found]:
        """The passages behind points that a search found; those gone meanwhile are left out.

        Apart from the searches, because reading a hundred takes longer than finding them.
        """


def index_name(stamp: EmbeddingStamp) -> str:
    """The name of the Qdrant collection for a stamp: vectors of two stamps never share one."""
    model = re.sub(r"[^a-z0-9]+", "-", stamp.model_id.lower()).strip("-")[:80]
    words = f"-words{stamp.words}" if stamp.words else ""
    return f"passages-{model}-{stamp.revision}{words}"
