"""Finds and makes assistants, and says which facts decide on them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from contracts.assistants import Visibility
from gateway.assistants.errors import AssistantNotFound, NotTheBuilder
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.db import Transaction
from gateway.knowledge.tables import Collection
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source, granted_on, may
from gateway.policy.rules import Asker
from gateway.policy.words import Action, Kind

MOST_CALLABLE = 1_000


def _is_named(id_or_slug: str) -> ColumnElement[bool]:
    column = Assistant.id if id_or_slug.startswith("ast_") else Assistant.slug
    return column == id_or_slug


def _missing(id_or_slug: str) -> AssistantNotFound:
    return AssistantNotFound(f"There is no assistant {id_or_slug}.")


def _barred(action: Action) -> NotTheBuilder:
    if action is Action.EDIT:
        return NotTheBuilder("Only its builders and the workspace's admins change an assistant.")
    return NotTheBuilder("Only its owner or the workspace's admins share or delete an assistant.")


IS_PUBLIC = and_(
    Assistant.visibility == Visibility.PUBLIC.value,
    Assistant.published_version.is_not(None),
    Assistant.deleted_at.is_(None),
)

ASSISTANTS = Source(
    kind=Kind.ASSISTANT,
    row=Assistant,
    id=Assistant.id,
    workspace_id=Assistant.workspace_id,
    owned_by=lambda member_id: Assistant.owner_id == member_id,
    missing=_missing,
    barred=_barred,
    named=_is_named,
    exists=Assistant.deleted_at.is_(None),
    is_open=Assistant.visibility.in_([Visibility.WORKSPACE.value, Visibility.PUBLIC.value]),
    is_public=IS_PUBLIC,
    granted=granted_on(Kind.ASSISTANT, Assistant.id),
)


class AssistantRepository:
    """Assistants inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def find_public(self, id_or_slug: str) -> Assistant | None:
        """A public assistant, whoever asks."""
        return await self._tx.scalar(select(Assistant).where(_is_named(id_or_slug), IS_PUBLIC))

    async def seen_by(self, asker: Asker, page: PageRequest) -> Rows[Assistant]:
        """The assistants of the asker's workspace that they may see."""
        query = select(Assistant).where(may(asker, Action.SEE, ASSISTANTS))
        return await fetch_page(self._tx, query, Assistant.id, page)

    async def published(self, asker: Asker) -> Sequence[Assistant]:
        """The assistants the asker can call: the workspace's, then public ones, newest first."""
        query = (
            select(Assistant)
            .where(may(asker, Action.USE, ASSISTANTS), Assistant.published_version.is_not(None))
            .order_by(Assistant.workspace_id != asker.workspace_id, Assistant.id.desc())
            .limit(MOST_CALLABLE)
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

    async def newest_number(self, assistant_id: str) -> int:
        """The number of its newest version, published or imported; 0 when there is none."""
        newest = select(func.max(AssistantVersion.version))
        query = newest.where(AssistantVersion.assistant_id == assistant_id)
        return await self._tx.scalar(query) or 0

    async def epochs(self, workspace_id: str, collection_ids: Iterable[str]) -> dict[str, int]:
        """collection id -> epoch, of those that exist in the workspace and are not deleted."""
        query = select(Collection.id, Collection.epoch).where(
            Collection.id.in_(set(collection_ids)),
            Collection.workspace_id == workspace_id,
            Collection.deleted_at.is_(None),
        )
        return {row.id: row.epoch for row in await self._tx.execute(query)}


def even_deleted(since: datetime) -> Source[Assistant]:
    """Assistants by their id, those too that were deleted after a moment."""
    is_there = or_(Assistant.deleted_at.is_(None), Assistant.deleted_at > since)
    return replace(ASSISTANTS, exists=is_there, is_public=false(), named=None)
