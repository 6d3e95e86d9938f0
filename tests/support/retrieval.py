"""Retrieval as tests use it: batches of passages, and the real app on a loopback port."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from contracts.passages import EmbeddingStamp, PassageBatch, PassageVector
from embedding.adapters.embedder_hashing import HashingEmbedder
from ingest.indexed import Indexed, stamp_of, vectors_of
from retrieval.main import build_app
from retrieval.ports import Found, Match, Scope, VectorStore
from retrieval.settings import HASHING, Settings
from runtime.settings import SharedSettings
from tests.support.serving import served

SECRET = "a secret of the test installation, 32+"
EMBEDDER = HashingEmbedder()
STAMP = stamp_of(EMBEDDER)


def batch_of_texts(
    version: str, *texts: str, collection: str = "vs_plans", first_index: int = 0
) -> PassageBatch:
    """Passages `psg_<version>_<index>` of a version with these texts, as ingest sends them."""
    return PassageBatch(
        stamp=STAMP,
        collection_id=collection,
        document_id=f"file-of-{version}",
        document_version_id=version,
        passages=vectors_of(
            EMBEDDER,
            [
                Indexed(f"psg_{version}_{index}", index, "", text)
                for index, text in enumerate(texts, first_index)
            ],
        ),
    )


def batch_of(
    stamp: EmbeddingStamp,
    version: str,
    vectors: list[list[float]],
    collection: str = "vs_plans",
    first_index: int = 0,
) -> PassageBatch:
    """Passages `psg_<version>_<index>` of a version, in one collection."""
    return PassageBatch(
        stamp=stamp,
        collection_id=collection,
        document_id=f"file-of-{version}",
        document_version_id=version,
        passages=[
            PassageVector(passage_id=f"psg_{version}_{index}", index=index, vector=vector)
            for index, vector in enumerate(vectors, first_index)
        ],
    )


@dataclass(frozen=True)
class Hit:
    """A match with the passage it stands for."""

    score: float
    passage: Found


async def read(store: VectorStore, tenant: str, matches: list[Match]) -> list[Hit]:
    """The passages of matches, in their order."""
    passages = await store.passages(tenant, [match.point for match in matches])
    return [Hit(match.score, passages[match.point]) for match in matches]


async def nearest(store: VectorStore, scope: Scope, vector: list[float], limit: int) -> list[Hit]:
    """Search by meaning, and read what was found."""
    return await read(store, scope.tenant, await store.nearest(scope, vector, limit))


def retrieval_settings(folder: Path, reranker: str | None = None) -> Settings:
    """The embedded index in `folder`, and the embedder that needs no model."""
    return Settings(
        reranker_path=reranker,
        index_path=folder / "index",
        qdrant_url=None,
        embedding_path=HASHING,
        shared=SharedSettings(service_secret=SecretStr(SECRET), service_secret_file=None),
    )


def running_retrieval(folder: Path, reranker: str | None = None) -> AbstractContextManager[str]:
    """The address of a retrieval that is ready, until the block ends."""
    return served(build_app(retrieval_settings(folder, reranker)))
