"""What a builder lets a listing show beside its card: instructions, knowledge, whose copy it is."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, null, or_, select

from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.catalog.repository.listings import IS_CURRENT
from gateway.db import Transaction
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File, Passage

MOST_NAMES = 100


class Shown(NamedTuple):
    """Of a listing. instructions: None unless shown. epochs: collection id -> as it was frozen."""

    instructions: str | None
    names_documents: bool
    may_be_copied: bool
    made_from: str | None
    epochs: Mapping[str, int]


class Known(NamedTuple):
    """How much a listing reads."""

    documents: int
    pages: int
    passages: int


class ShownRepository:
    """Listings that came through the door in the same transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def shown(self, assistant_id: str) -> Shown:
        """What its builder shows of its published version."""
        said = AssistantVersion.definition["instructions"].astext
        query = (
            select(
                case((Assistant.shows_instructions, func.coalesce(said, "")), else_=null()),
                Assistant.names_documents,
                # Whoever copies it reads its instructions.
                and_(Assistant.may_be_copied, Assistant.shows_instructions),
                Assistant.made_from,
                AssistantVersion.epochs,
            )
            .join(AssistantVersion, IS_CURRENT)
            .where(Assistant.id == assistant_id)
        )
        return Shown(*(await self._tx.execute(query)).one())

    async def known(self, epochs: Mapping[str, int]) -> Known:
        """How much there is still of what was frozen."""
        pages = case(
            (
                func.jsonb_typeof(DocumentVersion.pages) == "array",
                func.jsonb_array_length(DocumentVersion.pages),
            ),
            else_=0,
        )
        query = (
            select(DocumentVersion.id, pages.label("pages"))
            .join(Document, Document.id == DocumentVersion.document_id)
            .join(Collection, Collection.id == Document.collection_id)
            .where(_is_frozen(epochs))
        ).cte("readings")
        passages = select(func.count()).where(
            Passage.document_version_id.in_(select(query.c.id)), Passage.is_off.is_(False)
        )
        counts = select(
            func.count(),
            func.coalesce(func.sum(query.c.pages), 0),
            passages.scalar_subquery(),
        ).select_from(query)
        row = (await self._tx.execute(counts)).one()
        return Known(row[0], int(row[1]), row[2])

    async def names(self, epochs: Mapping[str, int]) -> list[str]:
        """The names of the first documents of what was frozen."""
        query = (
            select(File.filename)
            .join(DocumentVersion, DocumentVersion.file_id == File.id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .join(Collection, Collection.id == Document.collection_id)
            .where(_is_frozen(epochs))
            .order_by(File.filename, File.id)
            .limit(MOST_NAMES)
        )
        return list(await self._tx.scalars(query))


def _is_frozen(epochs: Mapping[str, int]) -> ColumnElement[bool]:
    """Whether a reading was current in one of the collections then, and nothing of it deleted."""
    frozen = [
        and_(
            Document.collection_id == collection_id,
            DocumentVersion.from_epoch <= epoch,
            DocumentVersion.until_epoch > epoch,
        )
        for collection_id, epoch in epochs.items()
    ]
    is_there = and_(Document.deleted_at.is_(None), Collection.deleted_at.is_(None))
    return and_(is_there, or_(false(), *frozen))
