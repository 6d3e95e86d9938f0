"""Web pages in collections: wished for here, fetched by a worker, which has no database."""

from datetime import timedelta

from contracts.files import DocumentView, WebPageCreate
from contracts.ids import new_id
from contracts.jobs import PageUpload, Stage
from gateway.blobs import Blobs, StoredBlob, new_blob_key, once
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.errors import FileTooLarge, JobNotFound, NotAWebPage, WebPagesOff
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.documents import DocumentRepository, Shown
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.repository.jobs import JobRepository
from gateway.knowledge.rules import FINAL_STAGES, page_label, size_in_words
from gateway.knowledge.service.finding import changeable_collection
from gateway.knowledge.service.holding import held
from gateway.knowledge.service.placing import Attributes, Placing, begin_version, place
from gateway.knowledge.service.views import document_view
from gateway.knowledge.tables import File
from gateway.outbox.service import Bell
from gateway.settings import Settings
from runtime.outbound.addresses import WebAddress
from runtime.outbound.checking import readable_address

SOURCE_ATTRIBUTE = "source_url"
LONGEST_ATTRIBUTE = 512
_UNFETCHED = "application/octet-stream"


class PageService:
    """Takes wishes for web pages, and what a worker fetched of them."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        settings: Settings,
        bell: Bell,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._is_on = settings.shared.web_pages
        self._policy = settings.shared.outbound
        self._file_bytes = settings.knowledge.file_bytes
        self._lease = timedelta(seconds=settings.knowledge.lease_seconds)
        self._unclaimed = timedelta(seconds=settings.knowledge.unclaimed_seconds)
        self._bell = bell
        self._clock = clock

    async def add(self, caller: Caller, collection_id: str, wanted: WebPageCreate) -> DocumentView:
        """Have a page read into a collection. One already there is read again.

        No socket is opened here: what the address says by itself is checked, the rest by the
        worker when it fetches.
        """
        self._require_on()
        address = readable_address(wanted.url, self._policy)
        # A page has bytes from the start, if none: nothing else need know files without any.
        blob = await self._blobs.write(new_blob_key(), once(b""))
        try:
            async with self._database.transaction() as tx:
                await changeable_collection(tx, caller, collection_id)
                placing = Placing(caller, collection_id, self._clock(), self._unclaimed)
                is_new = await _place_page(tx, placing, address, wanted.attributes, blob)
                shown = await DocumentRepository(tx).page(collection_id, str(address))
                view = document_view(_present(shown))
        except BaseException:  # no row knows this blob
            await self._blobs.remove(blob.key)
            raise
        if not is_new:
            await self._blobs.remove(blob.key)
        self._bell.ring()
        return view

    async def store(self, version_id: str, upload: PageUpload) -> None:
        """Keep what a worker fetched as the bytes of the page's file."""
        self._require_on()
        if len(upload.content) > self._file_bytes:
            raise FileTooLarge(f"The page is larger than {size_in_words(self._file_bytes)}.")
        blob = await self._blobs.write(new_blob_key(), once(upload.content))
        try:
            async with self._database.transaction() as tx:
                file = await _locked_file(tx, version_id)
                await held(tx, version_id, upload.fence, self._clock() + self._lease)
                former, file.blob_key = file.blob_key, blob.key
                file.size_bytes, file.sha256 = blob.size_bytes, blob.sha256
                file.media_type = upload.media_type
                file.fetched_url = None if upload.url == file.source_url else upload.url
        except BaseException:  # no row knows this blob
            await self._blobs.remove(blob.key)
            raise
        await self._blobs.remove(former)

    def _require_on(self) -> None:
        if not self._is_on:
            raise WebPagesOff("Reading web pages is switched off on this installation.")


async def _place_page(
    tx: Transaction,
    placing: Placing,
    address: WebAddress,
    attributes: Attributes | None,
    blob: StoredBlob,
) -> bool:
    """Whether a new file was made, with the blob as its bytes."""
    # Two callers who add the same page to the same collection wait for each other here.
    await CollectionRepository(tx).lock(placing.collection_id)
    url = str(address)
    shown = await DocumentRepository(tx).page(placing.collection_id, url)
    if shown is not None:
        if attributes is not None:
            shown.document.attributes = _labelled(attributes, url)
        if Stage(shown.version.stage) in FINAL_STAGES:
            await begin_version(tx, shown.document, shown.version.number + 1, placing)
        return False
    file = File(
        id=new_id("file-"),
        workspace_id=placing.caller.workspace_id,
        owner_id=placing.caller.member_id,
        filename=page_label(address.host, address.target),
        media_type=_UNFETCHED,
        purpose="assistants",
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        blob_key=blob.key,
        source_url=url,
        created_at=placing.now,
    )
    FileRepository(tx).add(file)
    await DocumentRepository(tx).flush()
    await place(tx, placing, file.id, _labelled(attributes or {}, url))
    return True


def _labelled(attributes: Attributes, url: str) -> Attributes:
    """With the address, so that a search can filter by it; a longer one fits no attribute."""
    return attributes | ({SOURCE_ATTRIBUTE: url} if len(url) <= LONGEST_ATTRIBUTE else {})


async def _locked_file(tx: Transaction, version_id: str) -> File:
    """The file of a page, locked before its version: the order of those who delete files."""
    version = await JobRepository(tx).find(version_id)
    file = None if version is None else await FileRepository(tx).lock(version.file_id)
    if file is None:
        raise JobNotFound(f"There is no document version {version_id}.")
    if file.source_url is None:
        raise NotAWebPage("This file was uploaded, not fetched.")
    return file


def _present(shown: Shown | None) -> Shown:
    if shown is None:
        raise RuntimeError("the page was placed, and is not there")
    return shown
