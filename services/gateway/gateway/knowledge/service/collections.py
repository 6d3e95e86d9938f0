"""Collections: bodies of knowledge that assistants read."""

from datetime import timedelta

from contracts.files import CollectionCreate, CollectionModify, CollectionView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.rules import passage_tokens_of
from gateway.knowledge.service.finding import (
    changeable_collection,
    check_may_make,
    collection_for,
)
from gateway.knowledge.service.hiding import hide_documents
from gateway.knowledge.service.placing import Placing, place
from gateway.knowledge.service.views import EMPTY, collection_view
from gateway.knowledge.tables import Collection
from gateway.outbox.service import Bell
from gateway.paging import PageRequest, as_page
from gateway.policy.words import Action


class CollectionService:
    """Makes, shows, renames and deletes collections."""

    def __init__(
        self, database: Database, bell: Bell, unclaimed_seconds: int, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._bell = bell
        self._unclaimed = timedelta(seconds=unclaimed_seconds)
        self._clock = clock

    async def create(self, caller: Caller, wanted: CollectionCreate) -> CollectionView:
        """Make a collection, and begin to read the files it starts with."""
        check_may_make(caller, "make vector stores")
        now = self._clock()
        collection = Collection(
            id=new_id("vs_"),
            workspace_id=caller.workspace_id,
            owner_id=caller.member_id,
            name=wanted.name or "",
            attributes=wanted.metadata or {},
            visibility="workspace",
            passage_tokens=passage_tokens_of(wanted.chunking_strategy),
            created_at=now,
        )
        async with self._database.transaction() as tx:
            CollectionRepository(tx).add(collection)
            placing = Placing(caller, collection.id, now, self._unclaimed)
            for file_id in dict.fromkeys(wanted.file_ids):
                await place(tx, placing, file_id, None)
            view = await _view(tx, collection)
        self._bell.ring()
        return view

    async def list(self, caller: Caller, page: PageRequest) -> Page[CollectionView]:
        """The collections of the workspace that the caller may know of."""
        async with self._database.transaction() as tx:
            repository = CollectionRepository(tx)
            rows = await repository.seen_by(caller, page)
            contents = await repository.contents(row.id for row in rows.rows)
        return as_page(
            rows,
            lambda row: collection_view(row, contents.get(row.id, EMPTY)),
            lambda view: view.id,
        )

    async def get(self, caller: Caller, collection_id: str) -> CollectionView:
        """One collection."""
        async with self._database.transaction() as tx:
            return await _view(tx, await collection_for(tx, caller, Action.SEE, collection_id))

    async def modify(
        self, caller: Caller, collection_id: str, changes: CollectionModify
    ) -> CollectionView:
        """Change its name, its metadata, how its next files are split."""
        async with self._database.transaction() as tx:
            collection = await changeable_collection(tx, caller, collection_id)
            if changes.name is not None:
                collection.name = changes.name
            if changes.metadata is not None:
                collection.attributes = changes.metadata
            if changes.chunking_strategy is not None:
                collection.passage_tokens = passage_tokens_of(changes.chunking_strategy)
            return await _view(tx, collection)

    async def delete(self, caller: Caller, collection_id: str) -> Deleted:
        """Hide a collection and all its documents at once; the purge follows."""
        async with self._database.transaction() as tx:
            collection = await collection_for(tx, caller, Action.DELETE, collection_id)
            now = self._clock()
            await hide_documents(tx, collection_id, now)
            collection.deleted_at = now
            Acts(tx).record(Act.COLLECTION_DELETED, caller, collection_id)
        self._bell.ring()
        return Deleted(id=collection_id, object="vector_store.deleted")


async def _view(tx: Transaction, collection: Collection) -> CollectionView:
    contents = await CollectionRepository(tx).contents([collection.id])
    return collection_view(collection, contents.get(collection.id, EMPTY))
