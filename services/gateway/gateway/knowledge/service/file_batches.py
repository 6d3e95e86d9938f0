"""Batches: many files put into a collection at once, watched and cancelled together."""

from datetime import timedelta

from contracts.file_batches import FileBatchCreate, FileBatchView
from contracts.files import DocumentView
from contracts.ids import new_id
from contracts.lists import Page
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.errors import FileBatchNotFound
from gateway.knowledge.repository.documents import DocumentRepository, Only
from gateway.knowledge.repository.file_batches import FileBatchRepository
from gateway.knowledge.rules import Status, stages_of
from gateway.knowledge.service.finding import changeable_collection, collection_for
from gateway.knowledge.service.hiding import hide_documents
from gateway.knowledge.service.placing import Placing, place
from gateway.knowledge.service.views import batch_view, document_view
from gateway.knowledge.tables import FileBatch
from gateway.outbox.service import Bell
from gateway.paging import PageRequest, as_page
from gateway.policy.words import Action


class FileBatchService:
    """Makes, shows and cancels batches."""

    def __init__(
        self, database: Database, bell: Bell, unclaimed_seconds: int, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._bell = bell
        self._unclaimed = timedelta(seconds=unclaimed_seconds)
        self._clock = clock

    async def create(
        self, caller: Caller, collection_id: str, wanted: FileBatchCreate
    ) -> FileBatchView:
        """Put files into a collection and begin to read them: all of them, or none."""
        documents, now = wanted.documents(), self._clock()
        batch = FileBatch(
            id=new_id("vsfb_"),
            collection_id=collection_id,
            file_ids=[each.file_id for each in documents],
            created_at=now,
        )
        async with self._database.transaction() as tx:
            await changeable_collection(tx, caller, collection_id)
            placing = Placing(caller, collection_id, now, self._unclaimed)
            for each in documents:
                await place(tx, placing, each.file_id, each.attributes)
            FileBatchRepository(tx).add(batch)
            view = batch_view(batch, await FileBatchRepository(tx).counts(batch))
        self._bell.ring()
        return view

    async def get(self, caller: Caller, collection_id: str, batch_id: str) -> FileBatchView:
        """How a batch fares."""
        async with self._database.transaction() as tx:
            batch = await _batch_to_look_at(tx, caller, collection_id, batch_id)
            return batch_view(batch, await FileBatchRepository(tx).counts(batch))

    async def cancel(self, caller: Caller, collection_id: str, batch_id: str) -> FileBatchView:
        """Take out of the collection what is not read yet; what is ready stays."""
        async with self._database.transaction() as tx:
            await changeable_collection(tx, caller, collection_id)
            batch = await _batch_in(tx, collection_id, batch_id)
            unfinished = await FileBatchRepository(tx).unfinished(batch)
            if unfinished:
                await hide_documents(tx, collection_id, self._clock(), file_ids=unfinished)
                batch.cancelled_at = self._clock()
            view = batch_view(batch, await FileBatchRepository(tx).counts(batch))
        self._bell.ring()
        return view

    async def files(
        self,
        caller: Caller,
        collection_id: str,
        batch_id: str,
        page: PageRequest,
        status: Status | None,
    ) -> Page[DocumentView]:
        """The files of a batch that are still in the collection."""
        async with self._database.transaction() as tx:
            batch = await _batch_to_look_at(tx, caller, collection_id, batch_id)
            only = Only(batch.file_ids, None if status is None else stages_of(status))
            rows = await DocumentRepository(tx).of_collection(collection_id, page, only)
        return as_page(rows, document_view, lambda view: view.id)


async def _batch_to_look_at(
    tx: Transaction, caller: Caller, collection_id: str, batch_id: str
) -> FileBatch:
    await collection_for(tx, caller, Action.LIST, collection_id)
    return await _batch_in(tx, collection_id, batch_id)


async def _batch_in(tx: Transaction, collection_id: str, batch_id: str) -> FileBatch:
    batch = await FileBatchRepository(tx).find(collection_id, batch_id)
    if batch is None:
        raise FileBatchNotFound(f"There is no file batch {batch_id} in {collection_id}.")
    return batch
