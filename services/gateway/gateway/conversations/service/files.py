"""Files attached to one conversation: read like any other, and nobody's knowledge but its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contracts.conversations import ConversationFileView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from contracts.principal import CollectionGrant
from gateway.blobs import Blobs
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.conversations.errors import (
    ConversationIsTemporary,
    FileNotAttached,
    TooManyFiles,
)
from gateway.conversations.repository.sources import CONVERSATIONS
from gateway.conversations.service.views import file_view
from gateway.conversations.tables import Conversation
from gateway.db import Database, Transaction
from gateway.knowledge.repository.attached import AttachedRepository
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.documents import DocumentRepository
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.rules import ATTACHED_PURPOSE
from gateway.knowledge.service.attached import forget_files
from gateway.knowledge.service.files import Upload, file_of
from gateway.knowledge.service.finding import check_may_make, document_in
from gateway.knowledge.service.placing import Placing, begin_document
from gateway.knowledge.tables import Collection
from gateway.outbox.service import Bell
from gateway.paging import PageRequest, Rows, as_page
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action
from gateway.settings import ConversationLimits


@dataclass(frozen=True)
class FileParts:
    """What attaching works with. unclaimed: how long a reading waits before it is queued again."""

    database: Database
    blobs: Blobs
    bell: Bell
    unclaimed: timedelta
    limits: ConversationLimits
    clock: Clock = utc_now


class ConversationFileService:
    """What a member does with the files of their conversations. Nobody else finds them."""

    def __init__(self, parts: FileParts) -> None:
        self._parts = parts

    async def check(self, caller: Caller, conversation_id: str) -> None:
        """Refuse before a large body is taken. Raises ConversationIsTemporary, TooManyFiles."""
        async with self._parts.database.transaction() as tx:
            await self._with_room(tx, caller, conversation_id)

    async def attach(
        self, caller: Caller, conversation_id: str, upload: Upload
    ) -> ConversationFileView:
        """Attach what was received, and begin to read it. Raises what `check` raises."""
        parts, now = self._parts, self._parts.clock()
        try:
            async with parts.database.transaction() as tx:
                conversation, found = await self._with_room(tx, caller, conversation_id, Hold.ALONE)
                collection = found or await self._made(tx, caller, conversation)
                file = file_of(caller, upload, ATTACHED_PURPOSE, now)
                FileRepository(tx).add(file)
                await tx.flush()
                placing = Placing(caller, collection.id, now, parts.unclaimed)
                await begin_document(tx, placing, file.id)
                shown = await document_in(tx, collection.id, file.id)
                view = file_view(conversation.id, shown)
        except BaseException:  # bytes that are nobody's would stay for ever
            await parts.blobs.remove(upload.blob.key)
            raise
        parts.bell.ring()
        return view

    async def list(
        self, caller: Caller, conversation_id: str, page: PageRequest
    ) -> Page[ConversationFileView]:
        """The files of a conversation, and how far the reading of each is."""
        async with self._parts.database.transaction() as tx:
            conversation = await load(tx, caller, Action.SEE, CONVERSATIONS, conversation_id)
            collection = await AttachedRepository(tx).of(caller, conversation.id)
            rows = (
                Rows([], has_more=False)
                if collection is None
                else await DocumentRepository(tx).of_collection(collection.id, page)
            )
        return as_page(rows, lambda shown: file_view(conversation.id, shown), lambda view: view.id)

    async def all(self, caller: Caller, conversation_id: str) -> Sequence[ConversationFileView]:
        """Every file of a conversation, the first attached first; there are only so many."""
        page = PageRequest(limit=self._parts.limits.most_files, order="asc")
        return (await self.list(caller, conversation_id, page)).data

    async def grants(self, caller: Caller, conversation_id: str) -> tuple[CollectionGrant, ...]:
        """What an answer in this conversation may read of it, as it stands then."""
        async with self._parts.database.transaction() as tx:
            collection = await AttachedRepository(tx).of(caller, conversation_id)
            if collection is None:
                return ()
            held = (await CollectionRepository(tx).contents([collection.id])).get(collection.id)
        if held is None or held.counts.total == held.counts.failed:
            return ()
        return (CollectionGrant(collection_id=collection.id),)

    async def remove(self, caller: Caller, conversation_id: str, file_id: str) -> Deleted:
        """Hide a file at once; its purge follows. What was quoted of it stays in the answers."""
        async with self._parts.database.transaction() as tx:
            conversation = await load(
                tx, caller, Action.EDIT, CONVERSATIONS, conversation_id, Hold.ALONE
            )
            collection = await AttachedRepository(tx).of(caller, conversation.id)
            shown = collection and await DocumentRepository(tx).find(collection.id, file_id)
            if collection is None or shown is None:
                raise FileNotAttached(f"File {file_id} is not attached to {conversation_id}.")
            now = self._parts.clock()
            unneeded = await forget_files(tx, collection.id, now, [file_id])
        self._parts.bell.ring()
        for key in unneeded:
            await self._parts.blobs.remove(key)
        return Deleted(id=file_id, object="conversation.file.deleted")

    async def _with_room(
        self, tx: Transaction, caller: Caller, conversation_id: str, hold: Hold | None = None
    ) -> tuple[Conversation, Collection | None]:
        """A conversation that one file more may be attached to, and where its files are."""
        conversation = await load(tx, caller, Action.EDIT, CONVERSATIONS, conversation_id, hold)
        check_may_make(caller, "attach files")
        if conversation.expires_at is not None:
            raise ConversationIsTemporary(
                "A file leaves more behind than a temporary conversation may: begin a kept one."
            )
        collection = await AttachedRepository(tx).of(caller, conversation.id)
        if collection is not None:
            held = (await CollectionRepository(tx).contents([collection.id])).get(collection.id)
            if held is not None and held.counts.total >= self._parts.limits.most_files:
                raise TooManyFiles(
                    f"A conversation may have {self._parts.limits.most_files} files: "
                    "take one out first.",
                    param="file",
                )
        return conversation, collection

    async def _made(
        self, tx: Transaction, caller: Caller, conversation: Conversation
    ) -> Collection:
        collection = Collection(
            id=new_id("vs_"),
            workspace_id=conversation.workspace_id,
            owner_id=caller.member_id,
            name="",
            attributes={},
            visibility="private",
            conversation_id=conversation.id,
            created_at=self._parts.clock(),
        )
        CollectionRepository(tx).add(collection)
        await tx.flush()
        return collection
