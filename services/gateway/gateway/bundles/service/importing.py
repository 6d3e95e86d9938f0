"""Makes an assistant of a bundle while it arrives: its files first, and rows when all is there."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contracts.assistants import AssistantFields, Visibility
from contracts.ids import new_id
from contracts.versions import AssistantOutcome
from gateway.assistants.service.making import check_may_make, make
from gateway.assistants.service.views import draft_of, named_in, naming, viewed
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.bundles.errors import BundleRefused
from gateway.bundles.reader import ArchiveReader, Header
from gateway.bundles.repository import BundleRepository
from gateway.bundles.rules import (
    DEFINITION,
    FILES,
    MANIFEST,
    MOST_MANIFEST_BYTES,
    BundledCollection,
    BundledFiles,
    BundledVersion,
    Entry,
    Manifest,
    check_files,
    is_file,
    read,
    read_definition,
    read_manifest,
    version_path,
    without_picture,
)
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.service.files import FileService, Upload, file_of
from gateway.knowledge.service.placing import Placing, place
from gateway.knowledge.tables import Collection
from gateway.outbox.service import Bell
from gateway.settings import KnowledgeLimits

_PURPOSE = "assistants"


@dataclass
class Arrived:
    """A bundle that is read, and not yet an assistant. uploads: path -> stored bytes."""

    definition: AssistantFields
    files: BundledFiles
    versions: list[BundledVersion]
    uploads: dict[str, Upload] = field(default_factory=dict)


class ImportService:
    """Takes bundles in. What was stored of one that is refused is removed again."""

    def __init__(
        self,
        database: Database,
        files: FileService,
        limits: KnowledgeLimits,
        bell: Bell,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._files = files
        self._limits = limits
        self._unclaimed = timedelta(seconds=limits.unclaimed_seconds)
        self._bell = bell
        self._clock = clock

    async def receive(self, caller: Caller, body: AsyncIterator[bytes]) -> Arrived:
        """Read a bundle, storing its files. Raises BundleRefused and its like."""
        check_may_make(caller)
        reader = ArchiveReader(body)
        first = await reader.header()
        if first is None or first.path != MANIFEST:
            raise BundleRefused("A bundle begins with manifest.json, as it was exported.")
        limits = self._limits
        manifest = read_manifest(
            await reader.text(first, MOST_MANIFEST_BYTES), limits.bundle_bytes, limits.file_bytes
        )
        texts = [entry for entry in manifest.entries if not is_file(entry.path)]
        arrived = _arrived({entry.path: await _text(reader, entry) for entry in texts})
        check_files(manifest, arrived.files)
        try:
            await self._store(reader, manifest, arrived)
        except BaseException:  # whoever sent it may have left: what arrived is nobody's
            await self.discard(arrived)
            raise
        return arrived

    async def finish(self, caller: Caller, arrived: Arrived) -> AssistantOutcome:
        """Make the assistant, its collections and its files in one commit; reading them follows."""
        try:
            async with self._database.transaction() as tx:
                outcome = await self._made(tx, caller, arrived)
        except BaseException:
            await self.discard(arrived)
            raise
        self._bell.ring()
        return outcome

    async def discard(self, arrived: Arrived) -> None:
        """Forget what was received."""
        for upload in arrived.uploads.values():
            await self._files.discard(upload)

    async def _store(self, reader: ArchiveReader, manifest: Manifest, arrived: Arrived) -> None:
        files = {file.path: file for file in arrived.files.files}
        for entry in manifest.entries:
            if not is_file(entry.path):
                continue
            file = files[entry.path]
            content = reader.stored(await _header(reader, entry), entry.size_bytes)
            upload = await self._files.receive(file.filename, file.media_type, content)
            arrived.uploads[entry.path] = upload
            _check_digest(entry, upload.blob.sha256)
        if await reader.header() is not None:
            raise BundleRefused("The archive holds more than its manifest names.")
        await reader.drain()

    async def _made(self, tx: Transaction, caller: Caller, arrived: Arrived) -> AssistantOutcome:
        now = self._clock()
        file_ids: dict[str, str] = {}
        for path, upload in arrived.uploads.items():
            file = file_of(caller, upload, _PURPOSE, now)
            FileRepository(tx).add(file)
            file_ids[path] = file.id
        ids: dict[str, str] = {}
        for bundled in arrived.files.collections:
            collection = _collection(caller, bundled, now)
            ids[bundled.id] = collection.id
            CollectionRepository(tx).add(collection)
            placing = Placing(caller, collection.id, now, self._unclaimed)
            for document in bundled.documents:
                await place(tx, placing, file_ids[document.path], document.attributes)
        fields = _mapped(arrived.definition, ids)
        assistant = await make(tx, caller, fields, Visibility.PRIVATE, now)
        view = await viewed(tx, assistant)
        _add_versions(tx, caller, assistant, arrived.versions, ids)
        Acts(tx).record(Act.ASSISTANT_IMPORTED, caller, assistant.id)
        left_out = [found for found in named_in(arrived.definition) if found not in ids]
        return AssistantOutcome(assistant=view, left_out=left_out)


async def _header(reader: ArchiveReader, entry: Entry) -> Header:
    header = await reader.header()
    if header is None or header.path != entry.path:
        raise BundleRefused(f"The archive lacks {entry.path}, or has it in another place.")
    return header


async def _text(reader: ArchiveReader, entry: Entry) -> bytes:
    content = await reader.text(await _header(reader, entry), entry.size_bytes)
    _check_digest(entry, hashlib.sha256(content).hexdigest())
    return content


def _check_digest(entry: Entry, sha256: str) -> None:
    if sha256 != entry.sha256:
        raise BundleRefused(f"{entry.path} was changed or damaged: its checksum is another.")


def _arrived(texts: dict[str, bytes]) -> Arrived:
    versions = []
    for path, content in texts.items():
        if path in (DEFINITION, FILES):
            continue
        version = read(BundledVersion, content, path)
        if path != version_path(version.version):
            raise BundleRefused(f"{path} is about another version.")
        versions.append(version)
    files = read(BundledFiles, texts[FILES], FILES)
    return Arrived(read_definition(texts[DEFINITION]), files, versions)


def _collection(caller: Caller, bundled: BundledCollection, now: datetime) -> Collection:
    return Collection(
        id=new_id("vs_"),
        workspace_id=caller.workspace_id,
        owner_id=caller.member_id,
        name=bundled.name,
        attributes=dict(bundled.metadata),
        visibility="private",
        passage_tokens=bundled.passage_tokens,
        created_at=now,
    )


def _mapped(fields: AssistantFields, ids: dict[str, str]) -> AssistantFields:
    """The definition with the collections that were made for it, and a slug of this place. A
    picture stays where it is from."""
    known = [ids[found] for found in named_in(fields) if found in ids]
    return without_picture(naming(fields, known)).model_copy(update={"slug": None})


def _add_versions(
    tx: Transaction,
    caller: Caller,
    assistant: Assistant,
    versions: list[BundledVersion],
    ids: dict[str, str],
) -> None:
    """Its history: to be read and restored. None of it is published here."""
    for version in versions:
        BundleRepository(tx).add(
            AssistantVersion(
                assistant_id=assistant.id,
                version=version.version,
                definition=draft_of(_mapped(version.definition, ids)),
                epochs={},
                note=version.note,
                created_by=caller.member_id,
                created_at=datetime.fromtimestamp(version.created_at, UTC),
            )
        )
