"""Finds and makes assistants, and says which facts decide on them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from contracts.assistants import Visibility
from gateway.assistants.errors import AssistantNotFound, NotTheBuilder
from gateway.assistants.tables import (
    Assistant,
    AssistantVersion,
    Avatar,
    AvatarUpload,
    Link,
    LinkFollower,
)
from gateway.db import Transaction
from gateway.knowledge.tables import Collection
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source, by_no_door, granted_on, may
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


NOT_TAKEN_DOWN = Assistant.taken_down_at.is_(None)
"""No moderator keeps it from those outside its workspace."""

HAS_DOORS = and_(
    Assistant.visibility != Visibility.PRIVATE.value,
    Assistant.published_version.is_not(None),
    Assistant.deleted_at.is_(None),
    NOT_TAKEN_DOWN,
)
"""Whether anybody from outside comes in at all, by whatever door."""

IS_PUBLIC = and_(Assistant.visibility == Visibility.PUBLIC.value, HAS_DOORS)

LINK_LIVES = or_(Link.expires_at.is_(None), Link.expires_at > func.now())


def _linked(asker: Asker) -> ColumnElement[bool]:
    """Whether the asker came by a door that is open: a guest by theirs, which is looked at when
    their token is read; a member by a link."""
    if asker.visits is not None:
        return and_(HAS_DOORS, Assistant.id == asker.visits)
    followed = (
        select(Link.id)
        .join(LinkFollower, LinkFollower.link_id == Link.id)
        .where(Link.assistant_id == Assistant.id, LINK_LIVES)
        .where(LinkFollower.member_id == asker.member_id)
    )
    return and_(HAS_DOORS, followed.exists())


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
    linked=_linked,
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


class AvatarRepository:
    """Pictures of assistants inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, upload: AvatarUpload) -> None:
        """Make it part of this transaction."""
        self._tx.add(upload)

    async def upload(self, upload_id: str) -> AvatarUpload | None:
        """What somebody sent, by its own id."""
        return await self._tx.get(AvatarUpload, upload_id)

    async def uploaded(self, upload_id: str) -> bytes | None:
        """The bytes somebody sent, while they wait to be read."""
        query = select(AvatarUpload.content).where(AvatarUpload.id == upload_id)
        return await self._tx.scalar(query)

    async def upload_of(self, assistant_id: str) -> AvatarUpload | None:
        """What was sent last for an assistant, while it waits or was refused."""
        query = select(AvatarUpload).where(AvatarUpload.assistant_id == assistant_id)
        return await self._tx.scalar(query)

    async def holder_of(self, upload_id: str) -> Assistant | None:
        """The assistant that an upload is for, held until this commit."""
        query = (
            select(Assistant)
            .join(AvatarUpload, AvatarUpload.assistant_id == Assistant.id)
            .where(AvatarUpload.id == upload_id, Assistant.deleted_at.is_(None))
            .with_for_update(key_share=True, of=Assistant)
        )
        return await self._tx.scalar(query)

    async def forget_upload(self, assistant_id: str) -> None:
        """Wait for none any more."""
        await self._tx.execute(
            delete(AvatarUpload).where(AvatarUpload.assistant_id == assistant_id)
        )

    async def content(self, assistant_id: str, digest: str) -> bytes | None:
        """A picture's bytes."""
        query = select(Avatar.content).where(
            Avatar.assistant_id == assistant_id, Avatar.hash == digest
        )
        return await self._tx.scalar(query)

    async def is_published(self, assistant: Assistant, digest: str) -> bool:
        """Whether a version that people use, or used, has this picture."""
        query = select(AssistantVersion.version).where(
            AssistantVersion.assistant_id == assistant.id,
            AssistantVersion.definition["avatar"].astext == digest,
        )
        return await self._tx.scalar(query.limit(1)) is not None

    async def keep(self, assistant_id: str, digest: str, content: bytes) -> None:
        """Keep a picture; one that is there already stays."""
        row = insert(Avatar).values(assistant_id=assistant_id, hash=digest, content=content)
        await self._tx.execute(row.on_conflict_do_nothing())

    async def forget_unnamed(self, assistant: Assistant) -> None:
        """Remove the pictures that neither its draft nor a version names."""
        drafts = (assistant.draft, assistant.replaced_draft or {})
        versions = select(AssistantVersion.definition["avatar"].astext).where(
            AssistantVersion.assistant_id == assistant.id,
            AssistantVersion.definition["avatar"].astext.is_not(None),
        )
        await self._tx.execute(
            delete(Avatar).where(
                Avatar.assistant_id == assistant.id,
                Avatar.hash.not_in([found for each in drafts if (found := each.get("avatar"))]),
                Avatar.hash.not_in(versions),
            )
        )

    async def copy(self, digest: str, original_id: str, copy_id: str) -> None:
        """Give a copy of an assistant the same picture."""
        content = await self.content(original_id, digest)
        if content is not None:
            await self.keep(copy_id, digest, content)


def even_deleted(since: datetime) -> Source[Assistant]:
    """Assistants by their id, those too that were deleted after a moment."""
    is_there = or_(Assistant.deleted_at.is_(None), Assistant.deleted_at > since)
    return replace(ASSISTANTS, exists=is_there, is_public=false(), linked=by_no_door, named=None)
