"""Locks: nobody who works waits for somebody who waits for them."""

from sqlalchemy import text

from gateway.db import Database
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.documents import DocumentRepository
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.repository.jobs import JobRepository
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import collection_of, document_of, version_sent


async def test_a_version_changed_twice_does_not_wait_for_whoever_deletes(
    gateway: RunningGateway, ada: Person
) -> None:
    """The second change of a row has its foreign keys checked, and deleting waits for the row."""
    collection = collection_of(ada)
    document_of(ada, collection)
    version_id = version_sent(gateway)
    database = Database(gateway.database_url)
    async with database.transaction() as deleting, database.transaction() as working:
        await CollectionRepository(deleting).lock(collection)
        [document] = await DocumentRepository(deleting).alive_in(collection)
        await FileRepository(deleting).lock(document.file_id)
        await working.execute(text("SET LOCAL lock_timeout = '5s'"))
        version = await JobRepository(working).lock(version_id)
        assert version is not None
        for title in ("once", "twice"):
            version.title = title
            await working.flush()
        await working.rollback()
        await deleting.rollback()
    await database.close()
