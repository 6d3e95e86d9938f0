"""Puts passages into the index, lets readers see them, and removes them again."""

import math

from contracts.passages import FOREVER, EmbeddingStamp, PassageBatch, PassageCount, Reveal
from contracts.principal import Principal
from retrieval.admission import Admission
from retrieval.indexing.errors import InvalidEpoch, InvalidVector, StampMismatch
from retrieval.metrics import PASSAGES_INDEXED
from retrieval.ports import NOW, VectorStore
from retrieval.tenancy import writable_tenant_of

SHORTEST_VECTOR, LONGEST_VECTOR = 1e-6, 1e6
"""Squares of lengths far beyond these leave the range of float32, in which the index computes."""


class IndexingService:
    """Every call is bounded to the principal's workspace, and safe to repeat."""

    def __init__(self, store: VectorStore, stamp: EmbeddingStamp, admission: Admission) -> None:
        self._store = store
        self._stamp = stamp
        self._admission = admission

    async def put(self, principal: Principal, batch: PassageBatch) -> PassageCount:
        """Store vectors, unseen until revealed. Raises StampMismatch, InvalidVector."""
        tenant = writable_tenant_of(principal)
        self._check(batch)
        async with self._admission.turn():
            await self._store.put(tenant, batch)
            PASSAGES_INDEXED.inc(len(batch.passages))
            return await self._count(tenant, batch.document_version_id)

    async def reveal(self, principal: Principal, reveal: Reveal) -> PassageCount:
        """Make a version current and end the one it replaces. Raises InvalidEpoch."""
        tenant = writable_tenant_of(principal)
        if reveal.from_epoch >= NOW:
            raise InvalidEpoch("No collection reaches this epoch.", param="from_epoch")
        async with self._admission.turn():
            if reveal.until_epoch < FOREVER:
                # Its end before its beginning: for no moment it seems to be current.
                await self._store.supersede(tenant, reveal.document_version_id, reveal.until_epoch)
            # New before old: for a moment a reader may see both, never neither.
            await self._store.reveal(tenant, reveal.document_version_id, reveal.from_epoch)
            replaced = reveal.replaces_version_id
            if replaced is not None and replaced != reveal.document_version_id:
                await self._store.supersede(tenant, replaced, reveal.from_epoch)
            return await self._count(tenant, reveal.document_version_id)

    async def purge(self, principal: Principal, version_id: str) -> PassageCount:
        """Remove a version and count what is left of it."""
        tenant = writable_tenant_of(principal)
        async with self._admission.turn():
            await self._store.delete(tenant, version_id)
            return await self._count(tenant, version_id)

    async def count(self, principal: Principal, version_id: str) -> PassageCount:
        """How many passages of a version the index holds."""
        return await self._count(writable_tenant_of(principal), version_id)

    async def _count(self, tenant: str, version_id: str) -> PassageCount:
        count = await self._store.count(tenant, version_id)
        return PassageCount(document_version_id=version_id, count=count)

    def _check(self, batch: PassageBatch) -> None:
        if batch.stamp != self._stamp:
            raise StampMismatch(
                f"The index holds vectors of {self._stamp.model_id} {self._stamp.revision}; "
                f"this batch is of {batch.stamp.model_id} {batch.stamp.revision}.",
                param="stamp",
            )
        for position, passage in enumerate(batch.passages):
            where = f"passages.{position}.vector"
            if len(passage.vector) != self._stamp.dimension:
                raise InvalidVector(f"A vector needs {self._stamp.dimension} numbers.", param=where)
            # hypot carries NaN and infinity through, so one comparison refuses them too.
            if not SHORTEST_VECTOR < math.hypot(*passage.vector) < LONGEST_VECTOR:
                raise InvalidVector("A vector must be finite and not zero.", param=where)
