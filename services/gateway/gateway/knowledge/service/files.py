"""Files: bytes somebody uploaded, kept under keys that say nothing about them."""

import mimetypes
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple

from contracts.files import FileView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.blobs import Blobs, StoredBlob, new_blob_key
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.errors import FileTooLarge, PurposeNotSupported
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.repository.sources import FILES
from gateway.knowledge.rules import label_of, size_in_words
from gateway.knowledge.service.finding import check_may_make, readable_file
from gateway.knowledge.service.hiding import hide_documents, hide_former_readings
from gateway.knowledge.service.views import file_view
from gateway.knowledge.tables import File
from gateway.outbox.service import Bell
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action

PURPOSES = frozenset({"assistants", "user_data"})
_MEDIA_TYPE = re.compile(r"^[\w.+-]+/[\w.+-]+$", re.ASCII)
_UNKNOWN = "application/octet-stream"


class Upload(NamedTuple):
    """A file whose bytes are stored, not yet anybody's."""

    blob: StoredBlob
    filename: str
    media_type: str


class Download(NamedTuple):
    """A file's label, its size and its bytes."""

    filename: str
    size_bytes: int
    content: AsyncIterator[bytes]


def file_of(caller: Caller, upload: Upload, purpose: str, now: datetime) -> File:
    """What was received as the caller's file, not yet part of any transaction."""
    return File(
        id=new_id("file-"),
        workspace_id=caller.workspace_id,
        owner_id=caller.member_id,
        filename=upload.filename,
        media_type=upload.media_type,
        purpose=purpose,
        size_bytes=upload.blob.size_bytes,
        sha256=upload.blob.sha256,
        blob_key=upload.blob.key,
        created_at=now,
    )


class FileService:
    """Takes files in, gives them out, and forgets them."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        file_bytes: int,
        bell: Bell,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._file_bytes = file_bytes
        self._bell = bell
        self._clock = clock

    @property
    def file_bytes(self) -> int:
        """The largest file taken."""
        return self._file_bytes

    def too_large(self) -> FileTooLarge:
        """The refusal of a file over the limit."""
        limit = size_in_words(self._file_bytes)
        return FileTooLarge(f"The file is larger than {limit}.", param="file")

    async def receive(
        self, filename: str, media_type: str, content: AsyncIterator[bytes]
    ) -> Upload:
        """Store bytes as they arrive. Raises FileTooLarge at the first byte over the limit."""
        blob = await self._blobs.write(new_blob_key(), self._bounded(content))
        label = label_of(filename)
        given = media_type.partition(";")[0].strip().lower()
        if not _MEDIA_TYPE.match(given) or given == _UNKNOWN:
            given = mimetypes.guess_type(label)[0] or _UNKNOWN
        return Upload(blob, label, given)

    async def keep(self, caller: Caller, upload: Upload, purpose: str) -> FileView:
        """Make what was received the caller's file."""
        try:
            check_may_make(caller, "upload files")
            if purpose not in PURPOSES:
                raise PurposeNotSupported("Use the purpose `assistants`.", param="purpose")
            file = file_of(caller, upload, purpose, self._clock())
            async with self._database.transaction() as tx:
                FileRepository(tx).add(file)
        except BaseException:  # bytes that are nobody's would stay for ever
            await self.discard(upload)
            raise
        return file_view(file)

    async def discard(self, upload: Upload) -> None:
        """Forget what was received."""
        await self._blobs.remove(upload.blob.key)

    async def list(
        self, caller: Caller, page: PageRequest, purpose: str | None = None
    ) -> Page[FileView]:
        """The files the caller may read, or those of one purpose."""
        async with self._database.transaction() as tx:
            rows = await FileRepository(tx).seen_by(caller, page, purpose)
        return as_page(rows, file_view, lambda view: view.id)

    async def get(self, caller: Caller, file_id: str) -> FileView:
        """One file."""
        async with self._database.transaction() as tx:
            return file_view(await load(tx, caller, Action.SEE, FILES, file_id))

    async def content(self, caller: Caller, file_id: str) -> Download:
        """One file with its bytes."""
        async with self._database.transaction() as tx:
            file = await readable_file(tx, caller, file_id)
        return Download(file.filename, file.size_bytes, self._blobs.read(file.blob_key))

    async def delete(self, caller: Caller, file_id: str) -> Deleted:
        """Hide a file, and every document made of it, at once; the purge follows."""
        async with self._database.transaction() as tx:
            file = await load(tx, caller, Action.DELETE, FILES, file_id, Hold.ALONE)
            now = self._clock()
            for collection_id in await FileRepository(tx).collections_using(file_id):
                await hide_documents(tx, collection_id, now, file_ids=[file_id])
            await hide_former_readings(tx, file_id, now)
            file.deleted_at = now
            Acts(tx).record(Act.FILE_DELETED, caller, file_id)
            is_unused = not await FileRepository(tx).has_versions_to_purge(file_id)
        self._bell.ring()
        if is_unused:
            await self._blobs.remove(file.blob_key)
        return Deleted(id=file_id, object="file")

    async def _bounded(self, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        seen = 0
        async for block in content:
            seen += len(block)
            if seen > self._file_bytes:
                raise self.too_large()
            yield block
