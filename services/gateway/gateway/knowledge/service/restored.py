"""Knowledge after a restore: deletions repeated, reading begun anew, the index checked."""

from collections.abc import Sequence
from datetime import timedelta

from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.repository.restored import RestoredRepository
from gateway.knowledge.service.ending import requeue
from gateway.knowledge.service.hiding import ask_for_purge, hide_documents
from gateway.knowledge.service.placing import QUEUE_PATIENCE
from gateway.knowledge.service.reindexing import ask_for_reindex

_UNCLAIMED = timedelta(minutes=2)


class RestoredKnowledge:
    """What the worker is asked for once Stoa starts again. Every step may be repeated."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def repeat_deletions(self, file_ids: Sequence[str], document_ids: Sequence[str]) -> None:
        """Delete what was deleted while the backup was taken: its bytes are not there."""
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = RestoredRepository(tx)
            for document in await repository.documents(document_ids):
                await hide_documents(tx, document.collection_id, now, [document.file_id])
            for file in await repository.files(file_ids):
                for collection_id in await FileRepository(tx).collections_using(file.id):
                    await hide_documents(tx, collection_id, now, [file.id])
                file.deleted_at = now

    async def forget_texts(self, version_ids: Sequence[str]) -> None:
        """Take away texts that were replaced while the backup was taken."""
        async with self._database.transaction() as tx:
            await RestoredRepository(tx).forget_texts(version_ids)

    async def forget_pictures(self, blob_keys: Sequence[str]) -> None:
        """Take away pictures whose bytes the backup has not."""
        async with self._database.transaction() as tx:
            await RestoredRepository(tx).forget_pictures(blob_keys)

    async def begin_unfinished_anew(self) -> None:
        """Queue what was being read: its worker, its message and its time limit are gone."""
        now = self._clock()
        async with self._database.transaction() as tx:
            for version in await RestoredRepository(tx).unfinished():
                version.attempts = 0
                version.deadline_at = now + QUEUE_PATIENCE
                requeue(tx, version, now, int(_UNCLAIMED.total_seconds()))

    async def check_index(self, *, is_copied: bool) -> int:
        """Have every version that is ready checked against the index; how many there are.

        is_copied: the index is a copy, which may hold what was purged a moment later.
        """
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = RestoredRepository(tx)
            for version in await repository.purged() if is_copied else []:
                version.purged_at = None
                ask_for_purge(tx, version, now)
            ready = await repository.ready()
            for version in ready:
                ask_for_reindex(tx, version, now)
            return len(ready)
