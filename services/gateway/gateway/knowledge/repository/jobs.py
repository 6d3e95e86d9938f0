"""Finds versions as jobs: to claim, to write under a fence, to sweep, to purge."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from contracts.jobs import Stage
from contracts.passages import FOREVER, EmbeddingStamp
from gateway.db import Transaction
from gateway.knowledge.rules import WORKING_STAGES
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File, Passage

_OPEN = (Stage.QUEUED, *WORKING_STAGES)
SWEEP_LIMIT = 200


class JobSource(NamedTuple):
    """What a version is made of, and how long its collection wants passages to be."""

    document: Document
    file: File
    passage_tokens: int | None


@dataclass(frozen=True)
class NewPassage:
    """A passage to be written."""

    id: str
    index: int
    start: int
    end: int
    page: int | None
    header: str
    text: str
    flags: list[str]


class JobRepository:
    """Jobs inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def lock(self, version_id: str) -> DocumentVersion | None:
        """The version, held until this commit."""
        query = (
            select(DocumentVersion)
            .where(DocumentVersion.id == version_id)
            .with_for_update(key_share=True)
        )
        return await self._tx.scalar(query.execution_options(populate_existing=True))

    async def find(self, version_id: str) -> DocumentVersion | None:
        """The version, to read."""
        return await self._tx.get(DocumentVersion, version_id, populate_existing=True)

    async def source(self, version: DocumentVersion) -> JobSource:
        """The document and file of a version; both rows are never removed."""
        query = (
            select(Document, File, Collection.passage_tokens)
            .select_from(Document)
            .join(File, File.id == version.file_id)
            .join(Collection, Collection.id == Document.collection_id)
            .where(Document.id == version.document_id)
        )
        row = (await self._tx.execute(query)).one()
        return JobSource(row[0], row[1], row[2])

    async def passage_ids(self, version_id: str) -> dict[int, str]:
        """index -> id of a version's passages."""
        query = select(Passage.index, Passage.id).where(Passage.document_version_id == version_id)
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def add_passages(self, version: DocumentVersion, passages: Sequence[NewPassage]) -> None:
        """Write passages; nobody sees them before their version has its epoch."""
        if not passages:
            return
        version.flagged_count = sum(1 for passage in passages if passage.flags)
        shared = {"document_version_id": version.id, "workspace_id": version.workspace_id}
        rows = [{**asdict(passage), **shared} for passage in passages]
        await self._tx.execute(insert(Passage), rows)

    async def set_epochs(
        self, version: DocumentVersion, *, from_epoch: int | None, until_epoch: int
    ) -> None:
        """The epochs of a version and of all its passages, which always agree."""
        version.from_epoch, version.until_epoch = from_epoch, until_epoch
        seen_from = FOREVER if from_epoch is None else from_epoch
        await self._tx.execute(
            update(Passage)
            .where(Passage.document_version_id == version.id)
            .values(from_epoch=seen_from, until_epoch=until_epoch)
        )

    async def current_beside(self, version: DocumentVersion) -> DocumentVersion | None:
        """The version of the same document that counts now, held until this commit."""
        query = (
            select(DocumentVersion)
            .where(
                DocumentVersion.document_id == version.document_id,
                DocumentVersion.id != version.id,
                DocumentVersion.from_epoch.is_not(None),
                DocumentVersion.until_epoch == FOREVER,
            )
            .with_for_update(key_share=True)
        )
        return await self._tx.scalar(query)

    async def unindexed(
        self, now: datetime, stamp: EmbeddingStamp | None
    ) -> Sequence[DocumentVersion]:
        """Ready versions that should be put back into the index, without a report so far.

        stamp: of the index as it is; what carries another one is not in it.
        """
        unreported = and_(_to_be_indexed(), DocumentVersion.lease_until <= now)
        query = (
            select(DocumentVersion)
            .where(unreported if stamp is None else or_(unreported, _of_another(stamp)))
            .limit(SWEEP_LIMIT)
            .with_for_update(skip_locked=True, key_share=True)
        )
        return (await self._tx.scalars(query)).all()

    async def passages_of(self, version_id: str) -> Sequence[Passage]:
        """The passages of a version, in order."""
        query = select(Passage).where(Passage.document_version_id == version_id)
        return (await self._tx.scalars(query.order_by(Passage.index))).all()

    async def open_by_stage(self) -> dict[str, int]:
        """How many jobs are in each stage that is not final."""
        query = (
            select(DocumentVersion.stage, func.count())
            .where(DocumentVersion.stage.in_(_OPEN))
            .group_by(DocumentVersion.stage)
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def overdue(self, now: datetime) -> Sequence[str]:
        """Open jobs past their deadline or whose lease ran out; each is then looked at alone."""
        query = (
            select(DocumentVersion.id)
            .where(DocumentVersion.stage.in_(_OPEN))
            .where((DocumentVersion.deadline_at <= now) | (DocumentVersion.lease_until <= now))
            .order_by(DocumentVersion.lease_until)
            .limit(SWEEP_LIMIT)
        )
        return (await self._tx.scalars(query)).all()

    async def unpurged(self, now: datetime) -> Sequence[DocumentVersion]:
        """Versions nobody needs whose purge was asked for and never reported."""
        query = (
            select(DocumentVersion)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(DocumentVersion.purged_at.is_(None), DocumentVersion.lease_until <= now)
            .where(Document.deleted_at.is_not(None) | (DocumentVersion.stage == Stage.FAILED))
            .limit(SWEEP_LIMIT)
            .with_for_update(skip_locked=True, of=DocumentVersion, key_share=True)
        )
        return (await self._tx.scalars(query)).all()


def _of_another(stamp: EmbeddingStamp) -> ColumnElement[bool]:
    return and_(
        DocumentVersion.stage == Stage.READY,
        DocumentVersion.stamp.is_not(None),
        DocumentVersion.stamp != stamp.model_dump(),
        DocumentVersion.purged_at.is_(None),
    )


def _to_be_indexed() -> ColumnElement[bool]:
    # A ready version has a stamp from the moment it is finished; a restore takes it away.
    return and_(
        DocumentVersion.stage == Stage.READY,
        DocumentVersion.stamp.is_(None),
        DocumentVersion.purged_at.is_(None),
    )
