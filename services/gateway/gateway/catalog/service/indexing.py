"""The task beside each gateway that keeps the listings' meanings in retrieval's index."""

import asyncio
import logging
from collections.abc import Sequence

from contracts.clients.retrieval import RetrievalClient
from contracts.errors import StoreError
from contracts.passages import EmbeddingRequest, PassageBatch, PassageVector, Reveal
from contracts.principal import STORE_TENANT, CollectionGrant, Principal
from gateway.catalog.repository.meaning import CLAIM_SECONDS, MeaningRepository, Wanted
from gateway.catalog.service.counting import POLL_SECONDS, unhurried
from gateway.clock import Clock, utc_now
from gateway.db import Database

log = logging.getLogger(__name__)

BATCH = 8
"""Listings a step: retrieval embeds as many without a break, and questions wait no longer."""
STEP_SECONDS = CLAIM_SECONDS / 2
LOOKED_AT = 4
_WRITER = Principal(workspace_id=STORE_TENANT, write=True)


def reader_of(shelf: str) -> Principal:
    """Who reads the listings in one script."""
    grant = CollectionGrant(collection_id=collection_of(shelf))
    return Principal(workspace_id=STORE_TENANT, collections=(grant,))


def collection_of(shelf: str) -> str:
    """What retrieval calls the listings in one script."""
    return f"listings-{shelf}"


class ListingIndexer:
    """Puts what was published and takes away what was withdrawn; each step may be repeated. Of
    several gateways one at a time takes listings, and works on those it took alone."""

    def __init__(
        self, database: Database, retrieval: RetrievalClient, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._retrieval = retrieval
        self._index = retrieval.writing()
        self._clock = clock

    async def run(self) -> None:
        """Keep the index young until cancelled. Whoever is away is waited for."""
        while True:
            try:
                while await unhurried(self.catch_up) == BATCH:
                    pass
                await self.look()
            except (StoreError, TimeoutError) as error:
                log.warning("listings could not be indexed: %s", error)
            except Exception:  # whatever it was, a store that stands still would be worse
                log.exception("listings could not be indexed")
            await asyncio.sleep(POLL_SECONDS)

    async def catch_up(self) -> int:
        """Bring some listings into the index or out of it, and say how many. Raises StoreError,
        TimeoutError; what was taken is then tried again after CLAIM_SECONDS."""
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = MeaningRepository(tx)
            if not await repository.is_alone():
                return 0
            gone = await repository.take_gone(now, BATCH)
            changed = await repository.take_changed(now, BATCH - len(gone))
        async with asyncio.timeout(STEP_SECONDS):
            left = [await self._index.purge(_WRITER, each) for each in gone]
            await self._place([each for each in changed if not await self._holds(each)])
        async with self._database.transaction() as tx:
            repository = MeaningRepository(tx)
            cleared = [name for name, count in zip(gone, left, strict=True) if not count]
            await repository.gone(cleared, now)
            await repository.placed(changed, now)
        return len(gone) + len(changed)

    async def look(self) -> None:
        """See whether the index still holds some that it held. It may have been emptied, or be an
        older one: then all are looked at again."""
        async with self._database.transaction() as tx:
            ids = await MeaningRepository(tx).longest_unseen(self._clock(), LOOKED_AT)
        counts = [await self._index.count(_WRITER, each) for each in ids]
        async with self._database.transaction() as tx:
            if all(counts):
                await MeaningRepository(tx).seen(ids, self._clock())
            else:
                missing = [name for name, count in zip(ids, counts, strict=True) if not count]
                await MeaningRepository(tx).lost(missing)

    async def _holds(self, wanted: Wanted) -> bool:
        """Whether the index holds it as it is; if so, everybody may see it."""
        name = wanted.assistant_id
        if not wanted.is_known or not await self._index.count(_WRITER, name):
            return False
        # It may have been put there, and its gateway gone, before it was revealed.
        await self._index.reveal(_WRITER, Reveal(document_version_id=name, from_epoch=1))
        return True

    async def _place(self, listings: Sequence[Wanted]) -> None:
        """Each in the place of what was there of it."""
        for each in listings:
            await self._index.purge(_WRITER, each.assistant_id)
        texts = [each.text for each in listings if each.shelf is not None]
        if not texts:
            return
        embedded = await self._retrieval.embed(
            _WRITER, EmbeddingRequest(texts=texts, kind="passage")
        )
        vectors = iter(embedded.vectors)
        for each in listings:
            if each.shelf is None:
                continue
            name = each.assistant_id
            passage = PassageVector(passage_id=name, index=0, vector=next(vectors))
            batch = PassageBatch(
                stamp=embedded.stamp,
                collection_id=collection_of(each.shelf),
                document_id=name,
                document_version_id=name,
                passages=[passage],
            )
            await self._index.put(_WRITER, batch)
            await self._index.reveal(_WRITER, Reveal(document_version_id=name, from_epoch=1))
