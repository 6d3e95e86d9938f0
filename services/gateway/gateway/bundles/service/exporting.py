"""Writes a bundle while it is sent."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.assistants import AssistantFields
from contracts.versions import DRAFT
from gateway.assistants.service.finding import visible
from gateway.assistants.service.views import fields_of, named_in
from gateway.assistants.tables import Assistant
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.blobs import Blobs
from gateway.bundles.errors import BundleTooLarge
from gateway.bundles.repository import BundleRepository, Held
from gateway.bundles.rules import (
    DEFINITION,
    FILES,
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    MOST_FILES,
    MOST_VERSIONS,
    BundledCollection,
    BundledDocument,
    BundledFile,
    BundledFiles,
    BundledVersion,
    Entry,
    Manifest,
    entry_of,
    file_path,
    version_path,
    without_picture,
    written,
)
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.knowledge.rules import size_in_words
from gateway.knowledge.tables import Collection, File
from gateway.policy.loading import permitted
from gateway.policy.words import Action
from gateway.streamed_archive import StreamedArchive
from gateway.versions.service.versions import version_of


@dataclass(frozen=True)
class Bundle:
    """An archive on its way. name: of the assistant; source: which state of it."""

    name: str
    source: str
    content: AsyncIterator[bytes]


@dataclass(frozen=True)
class _State:
    """What is exported: a definition, and what its collections are read at. None: as they are."""

    fields: AssistantFields
    epochs: Mapping[str, int | None]
    source: str


class ExportService:
    """Gives assistants out, with what the caller may download of their knowledge."""

    def __init__(
        self, database: Database, blobs: Blobs, most_bytes: int, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._most_bytes = most_bytes
        self._clock = clock

    async def begin(self, caller: Caller, id_or_slug: str, version: str | None) -> Bundle:
        """The draft, or a version. Refusals come before the first byte. Raises BundleTooLarge."""
        async with self._database.transaction() as tx:
            assistant = await visible(tx, caller, id_or_slug)
            state = await _state(tx, assistant, version)
            files, kept = await self._files(tx, caller, state)
            versions = await _versions(tx, assistant)
            Acts(tx).record(Act.ASSISTANT_EXPORTED, caller, assistant.id)
        texts = {DEFINITION: written(state.fields), **versions, FILES: written(files)}
        entries = [entry_of(path, content) for path, content in texts.items()]
        entries += [
            Entry(path=path, size_bytes=file.size_bytes, sha256=file.sha256)
            for path, file in kept.items()
        ]
        manifest = Manifest(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            created_at=unix_seconds(self._clock()),
            source=state.source,
            entries=entries,
        )
        content = self._archive({MANIFEST: written(manifest), **texts}, kept)
        return Bundle(state.fields.name, state.source, content)

    async def _archive(
        self, texts: Mapping[str, bytes], kept: Mapping[str, File]
    ) -> AsyncIterator[bytes]:
        archive = StreamedArchive()
        for path, content in texts.items():
            for block in archive.text(path, content):
                yield block
        for path, file in kept.items():
            async for block in archive.file(path, self._blobs.read(file.blob_key)):
                yield block
        for block in archive.end():
            yield block

    async def _files(
        self, tx: Transaction, caller: Caller, state: _State
    ) -> tuple[BundledFiles, dict[str, File]]:
        """files.json, and the files themselves by where they lie."""
        known = await permitted(tx, caller, Action.DOWNLOAD, COLLECTIONS, list(state.epochs))
        repository = BundleRepository(tx)
        paths: dict[str, str] = {}
        files: dict[str, File] = {}
        collections = []
        for collection in await repository.collections(known):
            held = await repository.held(collection.id, state.epochs[collection.id], MOST_FILES + 1)
            for each in held:
                path = file_path(len(files) + 1, each.file.filename)
                if paths.setdefault(each.file.id, path) == path:
                    files[path] = each.file
            self._check(files.values())
            collections.append(_collection(collection, held, paths))
        listed = [
            BundledFile(path=path, filename=file.filename, media_type=file.media_type)
            for path, file in files.items()
        ]
        return BundledFiles(files=listed, collections=collections), files

    def _check(self, files: Iterable[File]) -> None:
        sizes = [file.size_bytes for file in files]
        if len(sizes) > MOST_FILES or sum(sizes) > self._most_bytes:
            raise BundleTooLarge(
                f"A bundle holds at most {MOST_FILES} files of "
                f"{size_in_words(self._most_bytes)} together."
            )


def _collection(
    collection: Collection, held: Sequence[Held], paths: Mapping[str, str]
) -> BundledCollection:
    return BundledCollection(
        id=collection.id,
        name=collection.name,
        metadata=collection.attributes,
        passage_tokens=collection.passage_tokens,
        documents=[
            BundledDocument(path=paths[each.file.id], attributes=each.attributes or None)
            for each in held
        ],
    )


async def _state(tx: Transaction, assistant: Assistant, version: str | None) -> _State:
    if version is None or version == DRAFT:
        fields = without_picture(fields_of(assistant))
        return _State(fields, dict.fromkeys(named_in(fields)), DRAFT)
    found = await version_of(tx, assistant, version)
    fields = without_picture(AssistantFields.model_validate(found.definition))
    return _State(fields, found.epochs, str(found.version))


async def _versions(tx: Transaction, assistant: Assistant) -> dict[str, bytes]:
    found = await BundleRepository(tx).versions(assistant.id, MOST_VERSIONS)
    return {
        version_path(version.version): written(
            BundledVersion(
                version=version.version,
                created_at=unix_seconds(version.created_at),
                note=version.note,
                definition=without_picture(AssistantFields.model_validate(version.definition)),
            )
        )
        for version in found
    }
