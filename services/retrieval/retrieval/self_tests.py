"""Proofs of readiness: a sentence is embedded, a probe is written, found and removed."""

import asyncio
import math
import time
from collections.abc import Callable

from contracts.errors import ErrorKind, StoreError
from contracts.passages import EmbeddingStamp, PassageBatch, PassageVector
from retrieval.embeddings.service import EmbeddingService
from retrieval.ports import NOW, CollectionView, Scope, VectorStore
from retrieval.tenancy import SELF_TEST_TENANT

SENTENCE = "The covered walk is where they taught and traded."
PROBE = "probe"
PROBE_EVERY_SECONDS = 300
"""Each probe leaves a hole of some 2 kB in an Edge segment, which nothing fills in process."""


class SelfTestFailed(StoreError):
    """What retrieval gave is not what it was asked for."""

    kind = ErrorKind.UNAVAILABLE
    code = "self_test_failed"


class EmbeddingTest:
    """The model makes unit vectors of the dimension it claims."""

    def __init__(self, embeddings: EmbeddingService) -> None:
        self._embeddings = embeddings

    async def __call__(self) -> None:
        vector = (await self._embeddings.question(SELF_TEST_TENANT, SENTENCE)).vector
        if len(vector) != self._embeddings.stamp.dimension:
            raise SelfTestFailed("The model made a vector of the wrong length.")
        if not math.isclose(math.hypot(*vector), 1, abs_tol=1e-3):
            raise SelfTestFailed("The model made a vector that is not a unit vector.")


class IndexTest:
    """The index takes a probe in its own tenant, finds it and forgets it; in between, answers."""

    def __init__(
        self,
        store: VectorStore,
        stamp: EmbeddingStamp,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._stamp = stamp
        self._clock = clock
        self._probed_at: float | None = None
        self._one_at_a_time = asyncio.Lock()
        self._vector = [1.0] + [0.0] * (stamp.dimension - 1)

    async def __call__(self) -> None:
        async with self._one_at_a_time:
            probed_at = self._probed_at
            if probed_at is not None and self._clock() - probed_at < PROBE_EVERY_SECONDS:
                await self._found()
                return
            self._probed_at = None
            await self._probe()
            self._probed_at = self._clock()

    async def _probe(self) -> None:
        await self._store.put(
            SELF_TEST_TENANT,
            PassageBatch(
                stamp=self._stamp,
                collection_id=PROBE,
                document_id=PROBE,
                document_version_id=SELF_TEST_TENANT,
                passages=[PassageVector(passage_id=PROBE, index=0, vector=self._vector)],
            ),
        )
        await self._store.reveal(SELF_TEST_TENANT, SELF_TEST_TENANT, from_epoch=1)
        if await self._found() != [PROBE]:
            raise SelfTestFailed("A probe was written and not found.")
        await self._store.delete(SELF_TEST_TENANT, SELF_TEST_TENANT)
        if await self._store.count(SELF_TEST_TENANT, SELF_TEST_TENANT) != 0:
            raise SelfTestFailed("A probe was deleted and is still there.")

    async def _found(self) -> list[str]:
        scope = Scope(SELF_TEST_TENANT, (CollectionView(PROBE, NOW),))
        points = [match.point for match in await self._store.nearest(scope, self._vector, limit=1)]
        passages = await self._store.passages(SELF_TEST_TENANT, points)
        return [passage.passage_id for passage in passages.values()]
