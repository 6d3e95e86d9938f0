"""Documents that are not ready, over all collections: the list of jobs."""

from collections.abc import Collection as Several
from typing import NamedTuple

from sqlalchemy import column, select, table

from contracts.jobs import Stage
from gateway.db import Transaction
from gateway.knowledge.repository.documents import is_latest
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File
from gateway.paging import PageRequest, Rows, fetch_page

# accounts stands on what stands on knowledge, so its tables cannot be imported back.
_WORKSPACES = table("workspaces", column("id"), column("name"))


class ListedJob(NamedTuple):
    """A job with what it is about."""

    version: DocumentVersion
    document: Document
    file: File
    collection: Collection
    workspace_name: str


class JobListRepository:
    """Jobs inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def page(
        self, workspace_id: str | None, stages: Several[Stage], page: PageRequest
    ) -> Rows[ListedJob]:
        """Those of a workspace, or of all (None), in these stages."""
        query = (
            select(DocumentVersion)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(
                Document.deleted_at.is_(None),
                DocumentVersion.stage.in_([stage.value for stage in stages]),
                is_latest(),
            )
        )
        if workspace_id is not None:
            query = query.where(DocumentVersion.workspace_id == workspace_id)
        rows = await fetch_page(self._tx, query, DocumentVersion.id, page)
        ids = [version.id for version in rows.rows]
        about = (
            select(DocumentVersion, Document, File, Collection, _WORKSPACES.c.name)
            .join(Document, Document.id == DocumentVersion.document_id)
            .join(File, File.id == DocumentVersion.file_id)
            .join(Collection, Collection.id == Document.collection_id)
            .join(_WORKSPACES, _WORKSPACES.c.id == DocumentVersion.workspace_id)
            .where(DocumentVersion.id.in_(ids))
        )
        found = {row[0].id: ListedJob(*row) for row in await self._tx.execute(about)}
        return Rows([found[version_id] for version_id in ids], rows.has_more)
