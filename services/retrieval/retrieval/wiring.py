"""The composition root: every object retrieval is made of."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from contracts.clients.retrieval import SERVICE
from contracts.passages import EmbeddingStamp
from embedding.adapters.embedder_hashing import HashingEmbedder
from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from embedding.port import Embedder
from embedding.reranker import Reranker
from retrieval.adapters.reranker_words import WordsReranker
from retrieval.adapters.vectors_qdrant_edge import EdgeVectors, open_edge
from retrieval.admission import Admission
from retrieval.copying.service import IndexCopies
from retrieval.embeddings.service import EmbeddingService
from retrieval.indexing.service import IndexingService
from retrieval.metrics import TURNS
from retrieval.ports import VectorStore
from retrieval.reranking.service import RerankingService
from retrieval.search.service import SearchService
from retrieval.self_tests import EmbeddingTest, IndexTest
from retrieval.settings import HASHING, WORDS, Settings
from runtime.health import Check, SelfTests
from runtime.metrics import Gauges
from runtime.provide import Provided
from runtime.service_auth import ServiceTokens
from runtime.starting import CannotStart

log = logging.getLogger(__name__)


@asynccontextmanager
async def wire(settings: Settings) -> AsyncIterator[Provided]:
    """Load the model, open the index, and put the services on top."""
    limits = settings.limits
    tokens = ServiceTokens(settings.shared.service_key(), SERVICE)
    async with AsyncExitStack() as closing:
        embedder = await asyncio.to_thread(_opened_embedder, settings)
        embeddings = EmbeddingService(
            embedder,
            Admission(limits.running_embeddings, limits.waiting_embeddings),
            limits.cached_questions,
        )
        closing.push_async_callback(embeddings.close)
        reranker = await asyncio.to_thread(_opened_reranker, settings)
        reranking = RerankingService(reranker, Admission(1, limits.waiting_searches))
        closing.push_async_callback(reranking.close)
        store = await closing.enter_async_context(_store(settings, embeddings.stamp))
        checks: dict[str, Check] = {
            "embedding": EmbeddingTest(embeddings),
            "index": IndexTest(store, embeddings.stamp),
        }
        searches = Admission(limits.running_searches, limits.waiting_searches)
        writes = Admission(limits.running_writes, limits.waiting_writes)
        yield {
            ServiceTokens: tokens,
            EmbeddingService: embeddings,
            SearchService: SearchService(store, embeddings, searches, can_rerank=reranking.is_on),
            RerankingService: reranking,
            IndexingService: IndexingService(store, embeddings.stamp, writes),
            IndexCopies: IndexCopies(
                store if isinstance(store, EdgeVectors) else None, settings.index_path
            ),
            Gauges: Gauges(partial(_measure, {"searches": searches, "writes": writes})),
            SelfTests: SelfTests(checks),
        }


async def _measure(lines: Mapping[str, Admission]) -> None:
    for name, line in lines.items():
        TURNS.labels(name).set(line.inside)


def _store(settings: Settings, stamp: EmbeddingStamp) -> AbstractAsyncContextManager[VectorStore]:
    if settings.qdrant_url is None:
        return open_edge(settings.index_path, stamp)
    # Imported only when asked for: the client costs 70 MB and a second of a laptop's start.
    from retrieval.adapters.vectors_qdrant_server import open_server

    key = settings.qdrant_api_key
    return open_server(
        str(settings.qdrant_url),
        key.get_secret_value() if key is not None else None,
        settings.limits.qdrant_timeout_seconds,
        stamp,
    )


def _opened_reranker(settings: Settings) -> Reranker | None:
    if settings.reranker_path is None:
        return None
    if settings.reranker_path == WORDS:
        return WordsReranker()
    # Imported only when asked for: torch and transformers cost a laptop's start seconds.
    from embedding.adapters.reranker_sentence_transformers import CrossEncoderReranker

    try:
        folder = Path(settings.reranker_path)
        return CrossEncoderReranker(folder, threads=settings.embedding_threads)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        log.warning("the reranker cannot be opened", exc_info=error)
        why = f"holds no reranker that can be opened ({type(error).__name__})"
        raise CannotStart(f"RETRIEVAL_RERANKER_PATH: the folder {why}") from error


def _opened_embedder(settings: Settings) -> Embedder:
    where = "RETRIEVAL_EMBEDDING_PATH: the folder holds no embedding model"
    folder = Path(settings.embedding_path)
    is_model = any((folder / name).is_file() for name in ("modules.json", "config.json"))
    if settings.embedding_path != HASHING and not is_model:
        # Asked to open it, the library would look for a model of this name on the network.
        raise CannotStart(where)
    try:
        return _embedder(settings)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        log.warning("the embedding model cannot be opened", exc_info=error)
        raise CannotStart(f"{where} that can be opened ({type(error).__name__})") from error


def _embedder(settings: Settings) -> Embedder:
    if settings.embedding_path == HASHING:
        return HashingEmbedder()
    return SentenceTransformersEmbedder(
        Path(settings.embedding_path), threads=settings.embedding_threads
    )
