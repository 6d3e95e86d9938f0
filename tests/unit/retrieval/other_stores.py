"""Vector stores in front of a real one: what a slow, blind or forgetful index would do."""

import asyncio
from collections.abc import Sequence

from contracts.passages import PassageBatch, WordWeights
from retrieval.ports import Found, IndexUnavailable, Match, Scope, VectorStore


class PassedThrough:
    """Does what the store behind it does."""

    def __init__(self, store: VectorStore) -> None:
        self._store = store

    async def put(self, tenant: str, batch: PassageBatch) -> None:
        await self._store.put(tenant, batch)

    async def reveal(self, tenant: str, version_id: str, from_epoch: int) -> None:
        await self._store.reveal(tenant, version_id, from_epoch)

    async def supersede(self, tenant: str, version_id: str, until_epoch: int) -> None:
        await self._store.supersede(tenant, version_id, until_epoch)

    async def delete(self, tenant: str, version_id: str) -> None:
        await self._store.delete(tenant, version_id)

    async def count(self, tenant: str, version_id: str) -> int:
        return await self._store.count(tenant, version_id)

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Match]:
        return await self._store.nearest(scope, vector, limit)

    async def sharing_words(
        self, scope: Scope, words: WordWeights, scripts: Sequence[str], limit: int
    ) -> list[Match]:
        return await self._store.sharing_words(scope, words, scripts, limit)

    async def passages(self, tenant: str, points: Sequence[str]) -> dict[str, Found]:
        return await self._store.passages(tenant, points)


class Slow(PassedThrough):
    """Answers a search only when told to."""

    def __init__(self, store: VectorStore) -> None:
        super().__init__(store)
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Match]:
        self.asked.set()
        await self.answer.wait()
        return await super().nearest(scope, vector, limit)


class Blind(PassedThrough):
    """Keeps everything and finds nothing."""

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Match]:
        await super().nearest(scope, vector, limit)
        return []


class Stubborn(PassedThrough):
    """Says that it deletes, and does not."""

    async def delete(self, tenant: str, version_id: str) -> None:
        await super().delete(f"not-{tenant}", version_id)


class Watched(PassedThrough):
    """Counts its writes, and fails to search when told to."""

    writes = 0
    is_broken = False

    async def put(self, tenant: str, batch: PassageBatch) -> None:
        self.writes += 1
        await super().put(tenant, batch)

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Match]:
        if self.is_broken:
            raise IndexUnavailable("The index could not do this.")
        return await super().nearest(scope, vector, limit)
