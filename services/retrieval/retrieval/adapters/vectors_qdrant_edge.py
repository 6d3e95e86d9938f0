"""Passages in Qdrant Edge: Qdrant's own engine inside this process, one shard folder per stamp."""

import asyncio
import logging
import shutil
import tarfile
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import qdrant_edge as edge

from contracts.errors import StoreError
from contracts.ids import point_id
from contracts.passages import FOREVER, EmbeddingStamp, PassageBatch, PassageVector, WordWeights
from retrieval.adapters.passage_payload import found_in, payload_of
from retrieval.ports import (
    DENSE,
    EPOCH_FIELDS,
    KEYWORD_FIELDS,
    WORDS,
    CollectionView,
    Found,
    IndexInUse,
    IndexUnavailable,
    Scope,
    VersionNotFound,
    index_name,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
NamedVector = list[float] | edge.SparseVector | list[list[float]]

READERS = 2
FLUSH_DELAY_SECONDS = 10.0
"""After a write. A flush shortens the log, but stops the process for up to 0.4 s on a busy disk."""


@asynccontextmanager
async def open_edge(folder: Path, stamp: EmbeddingStamp) -> AsyncIterator["EdgeVectors"]:
    """The index for a stamp inside `folder`, made when it is not there yet."""
    place = folder / index_name(stamp)
    shard = await asyncio.to_thread(_open, place, stamp.dimension)
    store = EdgeVectors(shard, place)
    try:
        yield store
    finally:
        await store.close()


class EdgeVectors:
    """A VectorStore on an Edge shard. Never calls optimize(): it would stop the whole process.

    Calls hold Python's interpreter lock for some milliseconds, so they run in threads: one for
    all writes, which makes check and write one step, and a few for reads. The write-ahead log
    keeps an acknowledged write through a killed process, the next flush through a power cut.
    """

    def __init__(self, shard: edge.EdgeShard, folder: Path) -> None:
        self._shard = shard
        self._folder = folder
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="index-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="index-reader")
        self._next_flush: asyncio.TimerHandle | None = None

    async def put(self, tenant: str, batch: PassageBatch) -> None:
        """See VectorStore."""
        await self._write(lambda: self._put(tenant, batch))

    async def reveal(self, tenant: str, version_id: str, from_epoch: int) -> None:
        """See VectorStore."""
        await self._change(
            edge.UpdateOperation.set_payload_by_filter(
                _version(tenant, version_id), {"from_epoch": from_epoch}
            )
        )

    async def supersede(self, tenant: str, version_id: str, until_epoch: int) -> None:
        """See VectorStore."""
        await self._change(
            edge.UpdateOperation.set_payload_by_filter(
                _version(tenant, version_id), {"until_epoch": until_epoch}
            )
        )

    async def delete(self, tenant: str, version_id: str) -> None:
        """See VectorStore."""
        await self._change(
            edge.UpdateOperation.delete_points_by_filter(_version(tenant, version_id))
        )

    async def count(self, tenant: str, version_id: str) -> int:
        """See VectorStore."""
        request = edge.CountRequest(exact=True, filter=_version(tenant, version_id))
        return await _in(self._readers, lambda: self._shard.count(request))

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Found]:
        """See VectorStore."""
        if scope.is_empty:
            return []
        request = edge.QueryRequest(
            query=edge.Query.Nearest(vector, using=DENSE),
            filter=_readable(scope),
            params=edge.SearchParams(exact=True),
            limit=limit,
            with_payload=True,
        )
        return await self._found(request)

    async def sharing_words(
        self, scope: Scope, words: WordWeights, scripts: Sequence[str], limit: int
    ) -> list[Found]:
        """See VectorStore."""
        if scope.is_empty or not words.indices or not scripts:
            return []
        written_in = edge.FieldCondition("scripts", match=edge.MatchAny(list(scripts)))
        request = edge.QueryRequest(
            query=edge.Query.Nearest(edge.SparseVector(words.indices, words.values), using=WORDS),
            filter=_readable(scope, [written_in]),
            params=edge.SearchParams(exact=True, idf=edge.IdfParams(corpus=_owned(scope))),
            limit=limit,
            with_payload=True,
        )
        return await self._found(request)

    async def _found(self, request: edge.QueryRequest) -> list[Found]:
        points = await _in(self._readers, lambda: self._shard.query(request))
        return [found_in(point.payload, point.score) for point in points]

    async def close(self) -> None:
        """Let calls under way end, then flush and let go of the folder."""
        if self._next_flush is not None:
            self._next_flush.cancel()
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._shard.close)

    async def copy_to(self, file: Path) -> None:
        """See CopyableIndex. Searches go on meanwhile; writes wait for their turn."""
        await _in(self._writer, lambda: self._copy(file))

    def _copy(self, file: Path) -> None:
        # In the thread of all writes: between two of them the files of the folder belong together.
        self._shard.flush()
        with tarfile.open(file, "x:gz", compresslevel=1) as copy:
            copy.add(self._folder, arcname=self._folder.name)

    def _put(self, tenant: str, batch: PassageBatch) -> None:
        points = [
            edge.Point(
                point_id(batch.document_version_id, passage.index),
                _vectors(passage),
                payload_of(tenant, batch, passage),
            )
            for passage in batch.passages
        ]
        present = self._shard.retrieve([point.id for point in points], ["tenant"], False)
        if any((record.payload or {}).get("tenant") != tenant for record in present):
            raise VersionNotFound(f"There is no document version {batch.document_version_id}.")
        # The condition holds for points already there: a late repeat hides nothing revealed.
        unrevealed = edge.Filter(must=[_is("tenant", tenant), _is("from_epoch", FOREVER)])
        self._shard.update(edge.UpdateOperation.upsert_points(points, condition=unrevealed))

    async def _change(self, operation: edge.UpdateOperation) -> None:
        await self._write(lambda: self._shard.update(operation))

    async def _write(self, work: Callable[[], None]) -> None:
        await _in(self._writer, work)
        if self._next_flush is None:
            loop = asyncio.get_running_loop()
            self._next_flush = loop.call_later(FLUSH_DELAY_SECONDS, self._flush_soon)

    def _flush_soon(self) -> None:
        self._next_flush = None
        self._writer.submit(self._flush)

    def _flush(self) -> None:
        try:
            self._shard.flush()
        except Exception as error:  # nobody waits for this; the next call will tell its caller
            log.error("the embedded index could not flush", exc_info=error)


def count_points(folder: Path) -> int:
    """How many passages a shard folder holds that nobody has open. Raises IndexUnavailable."""
    try:
        shard = edge.EdgeShard.load(str(folder))
        held = shard.count(edge.CountRequest(exact=True))
        shard.close()
    except Exception as error:  # Edge raises plain Exception for every failure
        raise IndexUnavailable("The index cannot be opened.") from error
    return held


async def _in(threads: Executor, work: Callable[[], T]) -> T:
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, work)
    except StoreError:
        raise
    except Exception as error:  # Edge raises plain Exception for every failure
        log.error("the embedded index failed", exc_info=error)
        raise IndexUnavailable("The index could not do this.", retry_after_seconds=5) from error


def _open(folder: Path, dimension: int) -> edge.EdgeShard:
    config = edge.EdgeConfig(
        vectors={DENSE: edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)},
        sparse_vectors={WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        wal_enabled=True,
    )
    if not folder.exists():
        _make(folder, config)
    try:
        shard = edge.EdgeShard.load(str(folder), config)
    except Exception as error:
        if "WouldBlock" in str(error):
            raise IndexInUse("Another process is using the index.") from error
        raise IndexUnavailable("The index cannot be opened.") from error
    # Safe to repeat, and so also brings an older folder up to date.
    for field in KEYWORD_FIELDS:
        parameters = edge.KeywordIndexParams(is_tenant=field == "tenant")
        shard.update(edge.UpdateOperation.create_field_index(field, parameters))
    for field in EPOCH_FIELDS:
        shard.update(
            edge.UpdateOperation.create_field_index(
                field, edge.IntegerIndexParams(lookup=True, range=True)
            )
        )
    return shard


def _make(folder: Path, config: edge.EdgeConfig) -> None:
    # Made aside and renamed: a kill half-way leaves no folder that cannot be loaded.
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    edge.EdgeShard.create(str(making), config).close()
    making.rename(folder)


def _vectors(passage: PassageVector) -> dict[str, NamedVector]:
    vectors: dict[str, NamedVector] = {DENSE: passage.vector}
    if passage.words.indices:  # a passage may be all signs and no word
        vectors[WORDS] = edge.SparseVector(passage.words.indices, passage.words.values)
    return vectors


def _is(field: str, value: str | int) -> edge.FieldCondition:
    return edge.FieldCondition(field, match=edge.MatchValue(value))


def _version(tenant: str, version_id: str) -> edge.Filter:
    return edge.Filter(must=[_is("tenant", tenant), _is("version", version_id)])


def _owned(scope: Scope) -> edge.Filter:
    """The corpus of rarity: the scope's collections, all epochs of them. Whoever reads one epoch
    may read the collection, and asking for epochs as well would treble the time."""
    collections = edge.MatchAny([view.collection_id for view in scope.views])
    return edge.Filter(
        must=[_is("tenant", scope.tenant), edge.FieldCondition("collection", match=collections)]
    )


def _readable(scope: Scope, also: Sequence[edge.FieldCondition] = ()) -> edge.Filter:
    seen = edge.Filter(should=[_seen(v) for v in scope.views])
    narrowed: list[edge.FieldCondition] = list(also)
    if scope.only_versions is not None:
        wanted = edge.MatchAny(list(scope.only_versions))
        narrowed.append(edge.FieldCondition("version", match=wanted))
    return edge.Filter(must=[_is("tenant", scope.tenant), seen, *narrowed])


def _seen(view: CollectionView) -> edge.Filter:
    return edge.Filter(
        must=[
            _is("collection", view.collection_id),
            edge.FieldCondition("from_epoch", range=edge.RangeFloat(lte=view.epoch)),
            edge.FieldCondition("until_epoch", range=edge.RangeFloat(gt=view.epoch)),
        ]
    )
