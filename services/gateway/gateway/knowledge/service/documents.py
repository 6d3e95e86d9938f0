"""Documents: files in collections, and how far their reading is."""

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import timedelta

from contracts.files import (
    DocumentCreate,
    DocumentModify,
    DocumentReplace,
    DocumentText,
    DocumentTextPage,
    DocumentView,
    PassageModify,
    PassageView,
)
from contracts.jobs import Stage
from contracts.lists import Deleted, Page
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.errors import DocumentNotFound, NothingToRetry, PassageNotFound
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.documents import DocumentRepository, Only
from gateway.knowledge.repository.passages import PassageRepository
from gateway.knowledge.rules import Status, stages_of
from gateway.knowledge.service.finding import (
    changeable_collection,
    collection_for,
    document_for,
    document_in,
)
from gateway.knowledge.service.hiding import hide_documents
from gateway.knowledge.service.placing import Placing, begin_version, place, replace
from gateway.knowledge.service.reading import passage_view, readable_passage
from gateway.knowledge.service.views import document_view
from gateway.outbox.service import Bell
from gateway.paging import PageRequest, as_page
from gateway.policy.words import Action

WATCH_SECONDS = 1800.0
LOOK_SECONDS = 0.3


class DocumentService:
    """Puts files into collections and tells how they fare."""

    def __init__(
        self, database: Database, bell: Bell, unclaimed_seconds: int, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._bell = bell
        self._unclaimed = timedelta(seconds=unclaimed_seconds)
        self._clock = clock

    async def add(self, caller: Caller, collection_id: str, wanted: DocumentCreate) -> DocumentView:
        """Put a file into a collection and begin to read it."""
        async with self._database.transaction() as tx:
            await changeable_collection(tx, caller, collection_id)
            placing = Placing(caller, collection_id, self._clock(), self._unclaimed)
            await place(tx, placing, wanted.file_id, wanted.attributes)
            shown = await document_in(tx, collection_id, wanted.file_id)
            view = document_view(shown)
        self._bell.ring()
        return view

    async def list(
        self, caller: Caller, collection_id: str, page: PageRequest, status: Status | None = None
    ) -> Page[DocumentView]:
        """The documents of a collection, or those of one status."""
        only = Only(stages=None if status is None else stages_of(status))
        async with self._database.transaction() as tx:
            await collection_for(tx, caller, Action.LIST, collection_id)
            rows = await DocumentRepository(tx).of_collection(collection_id, page, only)
        return as_page(rows, document_view, lambda view: view.id)

    async def get(self, caller: Caller, collection_id: str, file_id: str) -> DocumentView:
        """One document."""
        async with self._database.transaction() as tx:
            shown = await document_for(tx, caller, Action.LIST, collection_id, file_id)
            return document_view(shown)

    async def modify(
        self, caller: Caller, collection_id: str, file_id: str, changes: DocumentModify
    ) -> DocumentView:
        """Give a document other attributes. The next search already filters by them."""
        async with self._database.transaction() as tx:
            await changeable_collection(tx, caller, collection_id)
            shown = await document_in(tx, collection_id, file_id)
            shown.document.attributes = changes.attributes or {}
            return document_view(shown)

    async def remove(self, caller: Caller, collection_id: str, file_id: str) -> Deleted:
        """Hide a document at once; the purge of its vectors follows."""
        async with self._database.transaction() as tx:
            await changeable_collection(tx, caller, collection_id)
            await document_in(tx, collection_id, file_id)
            await hide_documents(tx, collection_id, self._clock(), file_ids=[file_id])
        self._bell.ring()
        return Deleted(id=file_id, object="vector_store.file.deleted")

    async def replace(
        self, caller: Caller, collection_id: str, file_id: str, wanted: DocumentReplace
    ) -> DocumentView:
        """Read another file as the next version of a document; until that is ready, the former
        one is found."""
        async with self._database.transaction() as tx:
            await changeable_collection(tx, caller, collection_id)
            placing = Placing(caller, collection_id, self._clock(), self._unclaimed)
            await replace(tx, placing, file_id, wanted.file_id)
            view = document_view(await document_in(tx, collection_id, wanted.file_id))
        self._bell.ring()
        return view

    async def retry(self, caller: Caller, collection_id: str, file_id: str) -> DocumentView:
        """Read a failed document once more, as a new version."""
        async with self._database.transaction() as tx:
            await changeable_collection(tx, caller, collection_id)
            await CollectionRepository(tx).lock(collection_id)
            shown = await document_in(tx, collection_id, file_id)
            if Stage(shown.version.stage) is not Stage.FAILED:
                raise NothingToRetry("Only a file that failed can be tried again.")
            placing = Placing(caller, collection_id, self._clock(), self._unclaimed)
            await begin_version(tx, shown.document, shown.version.number + 1, placing)
            view = document_view(await document_in(tx, collection_id, file_id))
        self._bell.ring()
        return view

    async def watch(
        self, caller: Caller, collection_id: str, file_id: str
    ) -> AsyncGenerator[DocumentView, None]:
        """The document each time it has moved on, until it is ready or failed, or goes away."""
        seen: DocumentView | None = None
        ends_at = time.monotonic() + WATCH_SECONDS
        while time.monotonic() < ends_at:
            try:
                view = await self.get(caller, collection_id, file_id)
            except DocumentNotFound:
                return
            if view != seen:
                yield view
            if view.status != "in_progress":
                return
            seen = view
            await asyncio.sleep(LOOK_SECONDS)

    async def text(self, caller: Caller, collection_id: str, file_id: str) -> DocumentTextPage:
        """What was read of a document, passage by passage."""
        async with self._database.transaction() as tx:
            shown = await document_for(tx, caller, Action.DOWNLOAD, collection_id, file_id)
            texts = await PassageRepository(tx).texts_of(shown.document)
        return DocumentTextPage(data=[DocumentText(text=text) for text in texts])

    async def passages(
        self,
        caller: Caller,
        collection_id: str,
        file_id: str,
        page: PageRequest,
        *,
        only_flagged: bool = False,
    ) -> Page[PassageView]:
        """The passages of the version that counts now, or the flagged ones, in text order."""
        async with self._database.transaction() as tx:
            shown = await document_for(tx, caller, Action.DOWNLOAD, collection_id, file_id)
            passages = PassageRepository(tx)
            rows = await passages.of_document(shown.document, page, only_flagged=only_flagged)
        return as_page(rows, passage_view, lambda view: view.id)

    async def switch(
        self,
        caller: Caller,
        place: tuple[str, str],
        passage_id: str,
        changes: PassageModify,
    ) -> PassageView:
        """Switch a passage off or on, for every assistant and every version that reads it.

        place: ids of collection and file. Whoever may change what the collection holds and read
        it; a new version of the file begins with all its passages on.
        """
        collection_id, file_id = place
        async with self._database.transaction() as tx:
            shown = await document_for(tx, caller, Action.DOWNLOAD, collection_id, file_id)
            await changeable_collection(tx, caller, collection_id)
            switched = await PassageRepository(tx).switch(
                shown.document, passage_id, changes.is_off
            )
            if not switched:
                raise PassageNotFound(f"There is no passage {passage_id} in file {file_id}.")
            return passage_view(await readable_passage(tx, caller, passage_id))
