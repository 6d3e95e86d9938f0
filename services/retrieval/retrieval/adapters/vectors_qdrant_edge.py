"""Passages in Qdrant Edge: Qdrant's own engine inside this process, one shard folder per stamp."""

import asyncio
import logging
import math
import operator
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
from retrieval.adapters import edge_folder
from retrieval.adapters.edge_filters import (
    CURRENT,
    PLACE,
    equals,
    one_of,
    owned,
    place_of,
    places_of,
    readable,
    version_of,
)
from retrieval.adapters.edge_places import Places, pages, weighed, words_in
from retrieval.adapters.passage_payload import found_in, payload_of
from retrieval.ports import (
    DENSE,
    NOW,
    WORDS,
    Found,
    IndexUnavailable,
    Match,
    Scope,
    VersionNotFound,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
NamedVector = list[float] | edge.SparseVector | list[list[float]]

READERS = 2
FLUSH_DELAY_SECONDS = 10.0
"""After a write. A flush shortens the log, but stops the process for up to 0.4 s on a busy disk."""

RESCORED = edge.QuantizationSearchParams(rescore=True, oversampling=2.0)
"""Twice as many candidates as asked for, by vectors in eight bits, ordered by the whole ones:
measured on e5's vectors, the same results as without the short cut."""

NOBODYS = edge.IdfParams(corpus=edge.Filter(must=[equals(PLACE, "")]))
RARITY_OF_NOBODYS = math.log(2)
"""Over an empty corpus every word is equally rare: weights that carry their rarity stay as said."""


@asynccontextmanager
async def open_edge(folder: Path, stamp: EmbeddingStamp) -> AsyncIterator["EdgeVectors"]:
    """The index for a stamp inside `folder`, made when it is not there yet."""
    shard = await asyncio.to_thread(edge_folder.opened, folder, stamp)
    store = EdgeVectors(shard, edge_folder.folder_of(folder, stamp))
    try:
        yield store
    finally:
        await store.close()


class EdgeVectors:
    """A VectorStore on an Edge shard. Never calls optimize(): it would stop the whole process.

    Calls hold Python's interpreter lock for some milliseconds, so they run in threads: one for
    all writes, which makes check and write one step, and a few for reads. The write-ahead log
    keeps an acknowledged write through a killed process, the next flush through a power cut.

    Searches are plain ones over what the filter leaves. Two things make them short: the collections
    searched are counted once (Places), and what they hold now is marked (`current`).
    """

    def __init__(self, shard: edge.EdgeShard, folder: Path) -> None:
        self._shard = shard
        self._folder = folder
        self._places = Places(shard)
        self._learning: set[str] = set()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="index-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="index-reader")
        self._next_flush: asyncio.TimerHandle | None = None

    async def put(self, tenant: str, batch: PassageBatch) -> None:
        """See VectorStore."""
        await self._write(lambda: self._put(tenant, batch))

    async def reveal(self, tenant: str, version_id: str, from_epoch: int) -> None:
        """See VectorStore."""
        await self._write(lambda: self._reveal(tenant, version_id, from_epoch))

    async def supersede(self, tenant: str, version_id: str, until_epoch: int) -> None:
        """See VectorStore."""
        await self._write(lambda: self._supersede(tenant, version_id, until_epoch))

    async def delete(self, tenant: str, version_id: str) -> None:
        """See VectorStore."""
        await self._write(lambda: self._delete(tenant, version_id))

    async def count(self, tenant: str, version_id: str) -> int:
        """See VectorStore."""
        request = edge.CountRequest(exact=True, filter=version_of(tenant, version_id))
        return await _in(self._readers, lambda: self._shard.count(request))

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Match]:
        """See VectorStore."""
        if scope.is_empty:
            return []
        self._learn(scope)
        return await self._matches(
            scope,
            lambda settled: edge.QueryRequest(
                query=edge.Query.Nearest(vector, using=DENSE),
                filter=readable(scope, settled),
                params=edge.SearchParams(quantization=RESCORED),
                limit=limit,
                with_payload=False,
            ),
        )

    async def sharing_words(
        self, scope: Scope, words: WordWeights, scripts: Sequence[str], limit: int
    ) -> list[Match]:
        """See VectorStore."""
        if scope.is_empty or not words.indices or not scripts:
            return []
        self._learn(scope)
        sought, rarity = self._sought(scope, words)
        written_in = one_of("scripts", scripts)
        return await self._matches(
            scope,
            lambda settled: edge.QueryRequest(
                query=edge.Query.Nearest(sought, using=WORDS),
                filter=readable(scope, settled, [written_in]),
                params=edge.SearchParams(exact=True, idf=rarity),
                limit=limit,
                with_payload=False,
            ),
        )

    async def passages(self, tenant: str, points: Sequence[str]) -> dict[str, Found]:
        """See VectorStore."""
        if not points:
            return {}
        records = await _in(self._readers, lambda: self._shard.retrieve(list(points), True, False))
        payloads = {str(record.id): record.payload or {} for record in records}
        return {
            point: found_in(payload)
            for point, payload in payloads.items()
            if payload.get("tenant") == tenant
        }

    async def close(self) -> None:
        """Let calls under way end, then flush and let go of the folder."""
        if self._next_flush is not None:
            self._next_flush.cancel()
        self._places.stop()
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

    async def _matches(
        self, scope: Scope, request: Callable[[list[bool]], edge.QueryRequest]
    ) -> list[Match]:
        settled = self._settled(scope)
        points = await self._asked(request(settled))
        if any(map(operator.gt, settled, self._settled(scope))):
            # What is current changed under a view of an epoch: now that epoch itself is asked for.
            points = await self._asked(request([view.epoch == NOW for view in scope.views]))
        return [Match(str(point.id), point.score) for point in points]

    async def _asked(self, request: edge.QueryRequest) -> list[edge.ScoredPoint]:
        return await _in(self._readers, lambda: self._shard.query(request))

    def _settled(self, scope: Scope) -> list[bool]:
        """For each view, whether nothing has changed in its collection since its epoch."""
        known = [self._places.get(name) for name in places_of(scope)]
        return [
            view.epoch == NOW or (place is not None and place.latest_epoch <= view.epoch)
            for view, place in zip(scope.views, known, strict=True)
        ]

    def _sought(self, scope: Scope, words: WordWeights) -> tuple[edge.SparseVector, edge.IdfParams]:
        """The words of a question, and over what their rarity is still to be counted."""
        known = [self._places.get(name) for name in set(places_of(scope))]
        places = [place for place in known if place is not None]
        ready = weighed(words, places) if len(places) == len(known) else None
        if ready is None:
            asked = edge.SparseVector(words.indices, words.values)
            return asked, edge.IdfParams(corpus=owned(scope))
        values = [value / RARITY_OF_NOBODYS for value in ready.values]
        return edge.SparseVector(ready.indices, values), NOBODYS

    def _learn(self, scope: Scope) -> None:
        """Have the collections of a scope counted, in the thread that also changes the counts."""
        for name in places_of(scope):
            if self._places.get(name) is None and name not in self._learning:
                self._learning.add(name)
                self._writer.submit(self._learn_place, name)

    def _learn_place(self, name: str) -> None:
        try:
            self._places.learn(name)
        except Exception as error:  # nobody waits for this; searches count for themselves
            log.error("a collection could not be counted", exc_info=error)
        finally:
            self._learning.discard(name)

    def _put(self, tenant: str, batch: PassageBatch) -> None:
        place = place_of(tenant, batch.collection_id)
        points = [
            edge.Point(
                point_id(batch.document_version_id, passage.index),
                _vectors(passage),
                payload_of(tenant, batch, passage) | {PLACE: place, CURRENT: []},
            )
            for passage in batch.passages
        ]
        present = self._shard.retrieve([point.id for point in points], ["tenant", PLACE], False)
        held = [record.payload or {} for record in present]
        if any(payload.get("tenant") != tenant for payload in held):
            raise VersionNotFound(f"There is no document version {batch.document_version_id}.")
        # The condition holds for points already there: a late repeat hides nothing revealed.
        unrevealed = edge.Filter(must=[equals("tenant", tenant), equals("from_epoch", FOREVER)])
        self._shard.update(edge.UpdateOperation.upsert_points(points, condition=unrevealed))
        for name in {payload[PLACE] for payload in held}:
            self._places.forget(name)  # what was replaced is not worth reading first
        known = self._places.get(place)
        if known is not None and held:
            self._places.forget(place)
        elif known is not None:
            known.add(passage.words.indices for passage in batch.passages)

    def _reveal(self, tenant: str, version_id: str, from_epoch: int) -> None:
        version = version_of(tenant, version_id)
        for name in self._changing(version, from_epoch):
            here, is_open = equals(PLACE, name), equals("until_epoch", FOREVER)
            # It is current unless its end was set first: then it was so only for a while.
            current = edge.Filter(must=[version, here, is_open])
            ended = edge.Filter(must=[version, here], must_not=[is_open])
            self._set(current, {"from_epoch": from_epoch, CURRENT: name})
            self._set(ended, {"from_epoch": from_epoch})

    def _supersede(self, tenant: str, version_id: str, until_epoch: int) -> None:
        version = version_of(tenant, version_id)
        self._changing(version, until_epoch)
        self._set(version, {"until_epoch": until_epoch, CURRENT: []})

    def _delete(self, tenant: str, version_id: str) -> None:
        version = version_of(tenant, version_id)
        gone = [
            ((record.payload or {})[PLACE], words)
            for page in pages(self._shard, version, [PLACE], [WORDS])
            for record, words in zip(page, words_in(page), strict=True)
        ]
        self._shard.update(edge.UpdateOperation.delete_points_by_filter(version))
        for name, words in gone:
            place = self._places.get(name)
            if place is not None:
                place.remove([words])

    def _changing(self, version: edge.Filter, epoch: int) -> list[str]:
        """The places of a version. Told before the change: no search takes the old for settled."""
        hits = self._shard.facet(edge.FacetRequest(PLACE, exact=True, filter=version)).hits
        names = [str(hit.value) for hit in hits]
        for place in filter(None, map(self._places.get, names)):
            place.latest_epoch = max(place.latest_epoch, epoch)
        return names

    def _set(self, points: edge.Filter, payload: dict[str, int | str | list[str]]) -> None:
        self._shard.update(edge.UpdateOperation.set_payload_by_filter(points, payload))

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


async def _in(threads: Executor, work: Callable[[], T]) -> T:
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, work)
    except StoreError:
        raise
    except Exception as error:  # Edge raises plain Exception for every failure
        log.error("the embedded index failed", exc_info=error)
        raise IndexUnavailable("The index could not do this.", retry_after_seconds=5) from error


def _vectors(passage: PassageVector) -> dict[str, NamedVector]:
    vectors: dict[str, NamedVector] = {DENSE: passage.vector}
    if passage.words.indices:  # a passage may be all signs and no word
        vectors[WORDS] = edge.SparseVector(passage.words.indices, passage.words.values)
    return vectors
