"""Finds and makes assistants. Every query names who asks: this is where visibility is decided."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, or_, select, true

from contracts.assistants import Visibility
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.knowledge.tables import Collection
from gateway.paging import PageRequest, Rows, fetch_page

MOST_CALLABLE = 1_000


class AssistantRepository:
    """Assistants inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def find(
        self, caller: Caller, id_or_slug: str, *, for_update: bool = False
    ) -> Assistant | None:
        """The assistant of this id or slug in the caller's workspace, unless deleted."""
        query = select(Assistant).where(_is_named(id_or_slug), _is_seen_by(caller))
        return await self._tx.scalar(query.with_for_update() if for_update else query)

    async def find_askable(self, caller: Caller, id_or_slug: str) -> Assistant | None:
        """The same, or a public one of another workspace."""
        query = select(Assistant).where(_is_named(id_or_slug), _is_askable_by(caller))
        return await self._tx.scalar(query)

    async def find_public(self, id_or_slug: str) -> Assistant | None:
        """A public assistant, whoever asks."""
        return await self._tx.scalar(select(Assistant).where(_is_named(id_or_slug), _is_public()))

    async def of_workspace(self, caller: Caller, page: PageRequest) -> Rows[Assistant]:
        """The assistants of the caller's workspace."""
        query = select(Assistant).where(_is_seen_by(caller))
        return await fetch_page(self._tx, query, Assistant.id, page)

    async def published(self, caller: Caller) -> Sequence[Assistant]:
        """The assistants the caller can call: the workspace's, then public ones, newest first."""
        query = (
            select(Assistant)
            .where(_is_askable_by(caller), Assistant.published_version.is_not(None))
            .order_by(Assistant.workspace_id != caller.workspace_id, Assistant.id.desc())
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

    async def alive(self, collection_ids: Iterable[str]) -> dict[str, set[str]]:
        """workspace id -> those of the collections that are its own and not deleted."""
        query = select(Collection.workspace_id, Collection.id).where(
            Collection.id.in_(set(collection_ids)), Collection.deleted_at.is_(None)
        )
        found: dict[str, set[str]] = {}
        for workspace_id, collection_id in await self._tx.execute(query):
            found.setdefault(workspace_id, set()).add(collection_id)
        return found


def _is_named(id_or_slug: str) -> ColumnElement[bool]:
    column = Assistant.id if id_or_slug.startswith("ast_") else Assistant.slug
    return column == id_or_slug


def _is_seen_by(caller: Caller) -> ColumnElement[bool]:
    """Of the caller's workspace, a private one by its owner and those who run the workspace."""
    is_here = and_(
        Assistant.workspace_id == caller.workspace_id,
        Assistant.deleted_at.is_(None),
        _is_open_to_key_of(caller),
    )
    if caller.runs_workspace:
        return is_here
    is_shared = Assistant.visibility != Visibility.PRIVATE.value
    return and_(is_here, or_(is_shared, Assistant.owner_id == caller.member_id))


def _is_askable_by(caller: Caller) -> ColumnElement[bool]:
    return or_(_is_seen_by(caller), and_(_is_public(), _is_open_to_key_of(caller)))


def _is_public() -> ColumnElement[bool]:
    return and_(
        Assistant.visibility == Visibility.PUBLIC.value,
        Assistant.published_version.is_not(None),
        Assistant.deleted_at.is_(None),
    )


def _is_open_to_key_of(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.assistant_id is None else Assistant.id == caller.assistant_id


def _number(cursor: str | int | None) -> int | None:
    """A version's number out of a cursor; what is no number is before all versions."""
    if cursor is None:
        return None
    text = str(cursor)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
