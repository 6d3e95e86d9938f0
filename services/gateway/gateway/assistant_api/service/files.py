"""The files of one assistant: listed, sent, taken away, without a word about its collections."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.files import AssistantFileView, CollectionCreate, DocumentCreate
from contracts.jobs import Stage
from contracts.lists import Deleted, Page
from gateway.assistant_api.repository import AssistantFileRepository, Held
from gateway.assistants.rules import Access
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.db import Database
from gateway.knowledge.errors import FileNotFound, NotTheKeeper
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.repository.sources import FILES
from gateway.knowledge.service.collections import CollectionService
from gateway.knowledge.service.documents import DocumentService
from gateway.knowledge.service.files import Download, FileService, Upload
from gateway.knowledge.service.views import file_view
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import permitted
from gateway.policy.refusals import Refusal, refused
from gateway.policy.words import Action, Kind, Verdict


@dataclass(frozen=True)
class Shelf:
    """The services that do the work: each checks once more what its caller may."""

    assistants: AssistantService
    files: FileService
    collections: CollectionService
    documents: DocumentService


class AssistantFileService:
    """What its keepers do with an assistant's files. They belong to the draft until published."""

    def __init__(self, database: Database, shelf: Shelf) -> None:
        self._database = database
        self._shelf = shelf

    async def list(
        self, caller: Caller, id_or_slug: str, page: PageRequest
    ) -> Page[AssistantFileView]:
        """The files of its collections."""
        access = await self._shelf.assistants.access(caller, id_or_slug)
        async with self._database.transaction() as tx:
            repository = AssistantFileRepository(tx)
            rows = await repository.page(access.collection_ids, page)
            published = await repository.published(
                access.published_epochs, [held.file.id for held in rows.rows]
            )
        return as_page(rows, lambda held: _view(held, published), lambda view: view.id)

    async def get(self, caller: Caller, id_or_slug: str, file_id: str) -> AssistantFileView:
        """One of them. Raises FileNotFound for any other file, whoever's it is."""
        access = await self._shelf.assistants.access(caller, id_or_slug)
        return await self._found(access, file_id)

    async def content(self, caller: Caller, id_or_slug: str, file_id: str) -> Download:
        """One of them with its bytes, for those who may have them."""
        access = await self._shelf.assistants.access(caller, id_or_slug)
        await self._held(access, file_id)
        return await self._shelf.files.content(access.caller.within(file_id), file_id)

    async def changeable(self, caller: Caller, id_or_slug: str) -> Access:
        """The assistant, if the caller may change what it knows."""
        access = await self._shelf.assistants.access(caller, id_or_slug)
        if not access.may_change:
            refusal = NotTheKeeper("Only its builders or the workspace's admins change its files.")
            what = Refusal(Action.EDIT, Kind.ASSISTANT, access.assistant_id, Verdict.FORBIDDEN)
            raise refused(refusal, what)
        return access

    async def keep(
        self, caller: Caller, access: Access, upload: Upload, purpose: str
    ) -> AssistantFileView:
        """Make what was received a file of the assistant's first collection."""
        file = await self._shelf.files.keep(access.caller, upload, purpose)
        inside = access.caller.within(file.id)
        try:
            collection_id = await self._first_collection(inside, access)
            wanted = DocumentCreate(file_id=file.id)
            await self._shelf.documents.add(inside.within(collection_id), collection_id, wanted)
        except BaseException:  # a file that came with an error would lie about, unknown to anybody
            await self._shelf.files.delete(inside, file.id)
            raise
        return await self.get(caller, access.assistant_id, file.id)

    async def delete(self, caller: Caller, id_or_slug: str, file_id: str) -> Deleted:
        """Take a file from the assistant; it goes for good unless something else holds it."""
        access = await self.changeable(caller, id_or_slug)
        inside = access.caller.within(file_id)
        for each in await self._held(access, file_id):
            await self._shelf.documents.remove(inside, each.document.collection_id, file_id)
        async with self._database.transaction() as tx:
            is_free = not await FileRepository(tx).collections_using(file_id)
            deletable = await permitted(tx, inside, Action.DELETE, FILES, [file_id])
        if is_free and deletable:
            await self._shelf.files.delete(inside, file_id)
        return Deleted(id=file_id, object="file")

    async def _first_collection(self, caller: Caller, access: Access) -> str:
        if access.collection_ids:
            return access.collection_ids[0]
        collections = self._shelf.collections
        made = await collections.create(caller, CollectionCreate(name=access.name))
        inside = caller.within(made.id)
        attached = await self._shelf.assistants.attach(inside, access.assistant_id, made.id)
        if attached != made.id:  # somebody else's first file came at the same moment
            await collections.delete(caller.within(made.id), made.id)
        return attached

    async def _found(self, access: Access, file_id: str) -> AssistantFileView:
        (first, *_) = await self._held(access, file_id)
        async with self._database.transaction() as tx:
            repository = AssistantFileRepository(tx)
            published = await repository.published(access.published_epochs, [file_id])
        return _view(first, published)

    async def _held(self, access: Access, file_id: str) -> Sequence[Held]:
        async with self._database.transaction() as tx:
            repository = AssistantFileRepository(tx)
            found = await repository.held(access.collection_ids, [file_id])
        if not found:
            raise refused(
                FileNotFound(f"There is no file {file_id}."),
                Refusal(Action.DOWNLOAD, Kind.FILE, file_id, Verdict.HIDDEN),
            )
        return found


def _view(held: Held, published: set[str]) -> AssistantFileView:
    file, stage = file_view(held.file), Stage(held.version.stage)
    is_failed = stage is Stage.FAILED
    reading = "processed" if stage is Stage.READY else "uploaded"
    return AssistantFileView.model_validate(
        file.model_dump()
        | {
            "status": "error" if is_failed else reading,
            "status_details": held.version.error_message if is_failed else None,
            "vector_store_id": held.document.collection_id,
            "is_published": file.id in published,
        }
    )
