"""Finds and makes assistants. Every query names the workspace."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import select

from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.db import Transaction
from gateway.knowledge.tables import Collection
from gateway.paging import PageRequest, Rows, fetch_page


class AssistantRepository:
    """Assistants inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def find(
        self, workspace_id: str, id_or_slug: str, *, for_update: bool = False
    ) -> Assistant | None:
        """The assistant of this id or slug in the workspace, unless deleted."""
        column = Assistant.id if id_or_slug.startswith("ast_") else Assistant.slug
        query = select(Assistant).where(
            column == id_or_slug,
            Assistant.workspace_id == workspace_id,
            Assistant.deleted_at.is_(None),
        )
        return await self._tx.scalar(query.with_for_update() if for_update else query)

    async def of_workspace(self, workspace_id: str, page: PageRequest) -> Rows[Assistant]:
        """The workspace's assistants."""
        query = select(Assistant).where(
            Assistant.workspace_id == workspace_id, Assistant.deleted_at.is_(None)
        )
        return await fetch_page(self._tx, query, Assistant.id, page)

    async def published(self, workspace_id: str) -> Sequence[Assistant]:
        """All assistants of the workspace that can be called."""
        query = (
            select(Assistant)
            .where(Assistant.workspace_id == workspace_id)
            .where(Assistant.deleted_at.is_(None), Assistant.published_version.is_not(None))
            .order_by(Assistant.id)
        )
        return (await self._tx.scalars(query)).all()

    async def is_slug_taken(self, slug: str) -> bool:
        """Whether any assistant, of whatever workspace, has the slug."""
        query = select(Assistant.id).where(Assistant.slug == slug)
        return await self._tx.scalar(query) is not None

    def add(self, row: Assistant | AssistantVersion) -> None:
        """Make it part of this transaction."""
        self._tx.add(row)

    async def flush(self) -> None:
        """Send what was added, so that defaults and conflicts show."""
        await self._tx.flush()

    async def current_versions(
        self, assistants: Iterable[Assistant]
    ) -> dict[str, AssistantVersion]:
        """assistant id -> its published version."""
        wanted = {found.id: found.published_version for found in assistants}
        query = select(AssistantVersion).where(AssistantVersion.assistant_id.in_(wanted))
        versions = (await self._tx.scalars(query)).all()
        return {
            version.assistant_id: version
            for version in versions
            if version.version == wanted[version.assistant_id]
        }

    async def versions(self, assistant_id: str, page: PageRequest) -> Rows[AssistantVersion]:
        """The versions of an assistant; the cursor is the version's number."""
        query = select(AssistantVersion).where(AssistantVersion.assistant_id == assistant_id)
        numbered = replace(page, after=_number(page.after), before=_number(page.before))
        return await fetch_page(self._tx, query, AssistantVersion.version, numbered)

    async def epochs(self, workspace_id: str, collection_ids: Iterable[str]) -> dict[str, int]:
        """collection id -> epoch, of those that exist in the workspace and are not deleted."""
        query = select(Collection.id, Collection.epoch).where(
            Collection.id.in_(set(collection_ids)),
            Collection.workspace_id == workspace_id,
            Collection.deleted_at.is_(None),
        )
        return {row.id: row.epoch for row in await self._tx.execute(query)}


def _number(cursor: str | int | None) -> int | None:
    """A version's number out of a cursor; what is no number is before all versions."""
    if cursor is None:
        return None
    text = str(cursor)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
