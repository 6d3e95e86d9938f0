"""Reads passages under the grants of a caller."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, update

from contracts.passages import FOREVER
from contracts.principal import CollectionGrant
from gateway.db import Transaction
from gateway.knowledge.repository.sources import ATTACHED, COLLECTIONS, opens
from gateway.knowledge.rules import LoadedPassage
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File, Passage
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class Origin(NamedTuple):
    """The version a passage is from, and what stands beside the passage in it."""

    text_blob_key: str | None
    pages: Sequence[Any]
    newest_version: int
    previous_passage_id: str | None
    next_passage_id: str | None


class PassageRepository:
    """Passages inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def granted(
        self, workspace_id: str, passage_ids: Iterable[str], grants: Sequence[CollectionGrant]
    ) -> dict[str, LoadedPassage]:
        """passage id -> passage, of those that the grants let be read."""
        if not grants:
            return {}
        query = _readable(workspace_id).where(
            Passage.id.in_(set(passage_ids)),
            Passage.is_off.is_(False),
            or_(*(_fits(grant) for grant in grants)),
        )
        return {row[0].id: _loaded(*row) for row in await self._tx.execute(query)}

    async def granted_at(
        self,
        workspace_id: str,
        places: Iterable[tuple[str, int]],
        grants: Sequence[CollectionGrant],
    ) -> list[LoadedPassage]:
        """The passages at (version id, index), of those that the grants let be read."""
        query = _readable(workspace_id).where(
            tuple_(Passage.document_version_id, Passage.index).in_(set(places)),
            Passage.is_off.is_(False),
            or_(*(_fits(grant) for grant in grants)),
        )
        return [_loaded(*row) for row in await self._tx.execute(query)]

    async def first(
        self, workspace_id: str, grants: Sequence[CollectionGrant], limit: int
    ) -> list[LoadedPassage]:
        """The first passages of what the grants let be read, by their place in their documents."""
        query = (
            _readable(workspace_id)
            .where(Passage.is_off.is_(False), or_(*(_fits(grant) for grant in grants)))
            .order_by(Passage.index, Document.id)
            .limit(limit)
        )
        return [_loaded(*row) for row in await self._tx.execute(query)]

    async def read_by(self, asker: Asker, passage_id: str) -> LoadedPassage | None:
        """One passage of a collection that the asker may read or attached to a conversation of
        theirs, current or superseded, unless its document is deleted.
        """
        query = _readable(asker.workspace_id).where(Passage.id == passage_id, opens(asker))
        row = (await self._tx.execute(query)).first()
        return None if row is None else _loaded(*row)

    async def origin(self, passage: LoadedPassage) -> Origin:
        """What is known of the version of a passage that was read."""
        version_id = passage.document_version_id
        query = (
            select(DocumentVersion.text_blob_key, DocumentVersion.pages, Document.current_version)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(DocumentVersion.id == version_id)
        )
        text_blob_key, pages, current = (await self._tx.execute(query)).one()
        beside = select(Passage.index, Passage.id).where(
            Passage.document_version_id == version_id,
            Passage.index.in_((passage.index - 1, passage.index + 1)),
        )
        ids = {row[0]: row[1] for row in await self._tx.execute(beside)}
        return Origin(
            text_blob_key,
            pages or (),
            max(current or 0, passage.document_version),
            ids.get(passage.index - 1),
            ids.get(passage.index + 1),
        )

    async def readable(self, asker: Asker, passage_ids: Iterable[str]) -> dict[str, LoadedPassage]:
        """passage id -> passage, of those that `read_by` would show."""
        return await self._where(asker, passage_ids, opens(asker))

    async def answering(self, owner: Asker, passage_ids: Iterable[str]) -> dict[str, LoadedPassage]:
        """passage id -> passage, of those that assistants of this owner may read."""
        return await self._where(owner, passage_ids, may(owner, Action.USE, COLLECTIONS))

    async def attached(self, asker: Asker, passage_ids: Iterable[str]) -> dict[str, LoadedPassage]:
        """passage id -> passage, of those of files attached to conversations of the asker's."""
        return await self._where(asker, passage_ids, may(asker, Action.USE, ATTACHED))

    async def _where(
        self, asker: Asker, passage_ids: Iterable[str], allowed: ColumnElement[bool]
    ) -> dict[str, LoadedPassage]:
        query = _readable(asker.workspace_id).where(Passage.id.in_(set(passage_ids)), allowed)
        return {row[0].id: _loaded(*row) for row in await self._tx.execute(query)}

    async def of_document(
        self, document: Document, page: PageRequest, *, only_flagged: bool = False
    ) -> Rows[LoadedPassage]:
        """The passages of a document's current version, or its flagged ones; cursors are ids."""
        query = (
            select(Passage)
            .join(DocumentVersion, DocumentVersion.id == Passage.document_version_id)
            .where(DocumentVersion.document_id == document.id)
            .where(DocumentVersion.number == document.current_version)
        )
        if only_flagged:
            query = query.where(func.cardinality(Passage.flags) > 0)
        rows = await fetch_page(self._tx, query, Passage.index, await self._by_index(page))
        loaded = await self._loaded_all(document.workspace_id, [row.id for row in rows.rows])
        return Rows([loaded[row.id] for row in rows.rows if row.id in loaded], rows.has_more)

    async def switch(self, document: Document, passage_id: str, is_off: bool) -> bool:
        """Switch a passage of a document's current version off or on. False: there is none."""
        versions = select(DocumentVersion.id).where(
            DocumentVersion.document_id == document.id,
            DocumentVersion.number == document.current_version,
        )
        change = (
            update(Passage)
            .where(Passage.id == passage_id, Passage.document_version_id.in_(versions))
            .values(is_off=is_off)
            .returning(Passage.id)
        )
        return await self._tx.scalar(change) is not None

    async def texts_of(self, document: Document) -> Sequence[str]:
        """The text of a document's current version, in the order of its passages."""
        query = (
            select(Passage.text)
            .join(DocumentVersion, DocumentVersion.id == Passage.document_version_id)
            .where(DocumentVersion.document_id == document.id)
            .where(DocumentVersion.number == document.current_version)
            .order_by(Passage.index)
        )
        return (await self._tx.scalars(query)).all()

    async def _loaded_all(
        self, workspace_id: str, passage_ids: Sequence[str]
    ) -> dict[str, LoadedPassage]:
        query = _readable(workspace_id).where(Passage.id.in_(passage_ids))
        return {row[0].id: _loaded(*row) for row in await self._tx.execute(query)}

    async def _by_index(self, page: PageRequest) -> PageRequest:
        """The page with indexes for cursors: ids of one upload are not in the text's order."""
        return replace(
            page, after=await self._index_of(page.after), before=await self._index_of(page.before)
        )

    async def _index_of(self, passage_id: str | int | None) -> int | None:
        if passage_id is None:
            return None
        index = await self._tx.scalar(select(Passage.index).where(Passage.id == passage_id))
        return -1 if index is None else index


def _readable(workspace_id: str) -> Select[Passage, DocumentVersion, Document, File]:
    return (
        select(Passage, DocumentVersion, Document, File)
        .join(DocumentVersion, DocumentVersion.id == Passage.document_version_id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .join(Collection, Collection.id == Document.collection_id)
        .join(File, File.id == DocumentVersion.file_id)
        .where(
            Passage.workspace_id == workspace_id,
            Collection.workspace_id == workspace_id,
            Document.deleted_at.is_(None),
            Collection.deleted_at.is_(None),
            Passage.from_epoch < FOREVER,
        )
    )


def _fits(grant: CollectionGrant) -> ColumnElement[bool]:
    epoch = Collection.epoch if grant.epoch is None else grant.epoch
    in_range = and_(Passage.from_epoch <= epoch, Passage.until_epoch > epoch)
    if grant.epoch is None:
        # Between a version's epoch and its reveal the index still answers with the former one.
        in_range = or_(in_range, DocumentVersion.number == Document.current_version)
    return and_(Document.collection_id == grant.collection_id, in_range)


def _loaded(
    passage: Passage, version: DocumentVersion, document: Document, file: File
) -> LoadedPassage:
    return LoadedPassage(
        passage_id=passage.id,
        file_id=file.id,
        filename=file.filename,
        document_id=document.id,
        document_version_id=version.id,
        document_version=version.number,
        title=version.title or file.filename,
        page=passage.page,
        header=passage.header,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        flags=tuple(passage.flags),
        index=passage.index,
        is_off=passage.is_off,
        source_url=file.fetched_url or file.source_url,
    )
