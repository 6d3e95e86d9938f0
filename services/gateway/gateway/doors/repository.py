"""Finds doors that are open, links, and who visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.accounts import KeyKind
from contracts.doors import DoorKind
from gateway.accounts.repository import key_lives, maker_stands
from gateway.accounts.rules import LAST_USED_STEP
from gateway.accounts.tables import Key, Member, Workspace
from gateway.assistants.repository import HAS_DOORS, IS_PUBLIC, LINK_LIVES
from gateway.assistants.tables import Assistant, Link, LinkFollower
from gateway.caller import Stay
from gateway.db import Transaction
from gateway.doors.errors import LinkNotFound
from gateway.doors.tables import GuestVisit
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source
from gateway.policy.words import Kind

_AT_ONCE = 100


def _owned_by(member_id: str) -> ColumnElement[bool]:
    hers = select(Assistant.id).where(
        Assistant.id == Link.assistant_id, Assistant.owner_id == member_id
    )
    return hers.exists()


def _missing(link_id: str) -> LinkNotFound:
    return LinkNotFound(f"There is no link {link_id}.")


LINKS = Source(
    kind=Kind.ASSISTANT,
    row=Link,
    id=Link.id,
    workspace_id=Link.workspace_id,
    owned_by=_owned_by,
    missing=_missing,
    exists=select(Assistant.id)
    .where(Assistant.id == Link.assistant_id, Assistant.deleted_at.is_(None))
    .exists(),
)
"""A link is a part of its assistant: who shares the one revokes the other."""


@dataclass(frozen=True, kw_only=True)
class OpenDoor:
    """A door that opens now. answers, visitor_answers: its own caps a day, of all and of one."""

    kind: DoorKind
    assistant: Assistant
    link_id: str | None = None
    key_id: str | None = None
    origins: tuple[str, ...] = ()
    answers: int | None = None
    visitor_answers: int | None = None

    def stay(self, visit_id: str) -> Stay:
        """A visit that came by it."""
        return Stay(
            visit_id=visit_id,
            door_id=self.key_id or self.link_id or self.assistant.id,
            answers=self.answers,
            visitor_answers=self.visitor_answers,
        )


class Visited(NamedTuple):
    """A visit, and the door it came by."""

    visit: GuestVisit
    door: OpenDoor


class DoorRepository:
    """Doors inside one transaction. What is found is open now."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def by_link(self, token_hash: str) -> OpenDoor | None:
        """The door of a link."""
        query = (
            select(Assistant, Link.id)
            .join(Link, Link.assistant_id == Assistant.id)
            .where(Link.token_hash == token_hash, LINK_LIVES, _LEADS_SOMEWHERE)
        )
        row = (await self._tx.execute(query)).first()
        if row is None:
            return None
        return OpenDoor(kind=DoorKind.LINK, assistant=row[0], link_id=row[1])

    async def by_key(self, key_hash: str, now: datetime) -> OpenDoor | None:
        """The door of a publishable key."""
        query = (
            select(Assistant, Key)
            .join(Key, Key.assistant_id == Assistant.id)
            .where(Key.secret_hash == key_hash, _is_shown(now), _LEADS_SOMEWHERE)
        )
        row = (await self._tx.execute(query)).first()
        return None if row is None else _widget(row[0], row[1])

    async def by_slug(self, slug: str) -> OpenDoor | None:
        """The door of a public assistant."""
        query = select(Assistant).where(_is_called(slug), IS_PUBLIC, _LEADS_SOMEWHERE)
        found = await self._tx.scalar(query)
        return None if found is None else OpenDoor(kind=DoorKind.PUBLIC, assistant=found)

    async def visited(self, token_hash: str, now: datetime) -> Visited | None:
        """The visit behind a token, while it lasts and its door is open."""
        return await self._lasting(GuestVisit.token_hash == token_hash, now)

    async def is_open(self, visit_id: str, now: datetime) -> bool:
        """Whether a visit lasts and its door is open."""
        return await self._lasting(GuestVisit.id == visit_id, now) is not None

    async def _lasting(self, is_meant: ColumnElement[bool], now: datetime) -> Visited | None:
        query = (
            select(GuestVisit, Assistant, Key)
            .join(Assistant, Assistant.id == GuestVisit.assistant_id)
            .outerjoin(Key, Key.id == GuestVisit.key_id)
            .join(Member, Member.id == GuestVisit.member_id)
            .where(is_meant, GuestVisit.expires_at > now)
            .where(_LEADS_SOMEWHERE, _is_still_open(now), Member.deleted_at.is_(None))
        )
        row = (await self._tx.execute(query)).first()
        if row is None:
            return None
        visit, assistant, key = row[0], row[1], row[2]
        if visit.key_id is not None:
            return Visited(visit, _widget(assistant, key))
        kind = DoorKind(visit.door)
        return Visited(visit, OpenDoor(kind=kind, assistant=assistant, link_id=visit.link_id))


class LinkRepository:
    """Links inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, link: Link) -> None:
        """Make it part of this transaction."""
        self._tx.add(link)

    async def remove(self, link: Link) -> None:
        """It opens nothing any more; who followed it does not, and its visits are over."""
        await self._tx.delete(link)

    async def count_live(self, assistant: Assistant) -> int:
        """How many links of an assistant have not expired."""
        query = select(func.count()).where(Link.assistant_id == assistant.id, LINK_LIVES)
        return await self._tx.scalar(query) or 0

    async def of(self, assistant: Assistant, page: PageRequest) -> Rows[Link]:
        """The links of an assistant, those too that have expired."""
        query = select(Link).where(Link.assistant_id == assistant.id)
        return await fetch_page(self._tx, query, Link.id, page)

    async def follow(self, link_id: str, member_id: str, now: datetime) -> None:
        """Note that a member came by a link; once more changes nothing."""
        row = insert(LinkFollower).values(link_id=link_id, member_id=member_id, created_at=now)
        new = row.on_conflict_do_nothing().returning(LinkFollower.link_id)
        if await self._tx.scalar(new) is not None:
            await self.count_visitor(link_id)

    async def count_visitor(self, link_id: str) -> None:
        """One more came by it."""
        change = update(Link).where(Link.id == link_id).values(visitors=Link.visitors + 1)
        await self._tx.execute(change)


class VisitRepository:
    """Visits inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, guest: Member, visit: GuestVisit) -> None:
        """Make a guest, then their visit, part of this transaction."""
        self._tx.add(guest)
        await self._tx.flush()
        self._tx.add(visit)
        await self._tx.flush()

    async def touch(self, visit_id: str, now: datetime) -> None:
        """Note that a visit was used, at most once a minute."""
        await self._tx.execute(
            update(GuestVisit)
            .where(GuestVisit.id == visit_id, GuestVisit.last_used_at < now - LAST_USED_STEP)
            .values(last_used_at=now)
        )

    async def held(self, visit_id: str) -> GuestVisit | None:
        """The visit of a token that was just read, held until this commit; None: it has ended."""
        query = select(GuestVisit).where(GuestVisit.id == visit_id).with_for_update()
        return await self._tx.scalar(query)

    async def unused_since(self, moment: datetime) -> Sequence[GuestVisit]:
        """Some visits that nobody has used since; held, and not those that others have in hand."""
        query = select(GuestVisit).where(GuestVisit.last_used_at < moment).limit(_AT_ONCE)
        return (await self._tx.scalars(query.with_for_update(skip_locked=True))).all()

    async def remove(self, visit: GuestVisit) -> None:
        """Nothing of it stays."""
        await self._tx.delete(visit)


def _is_called(slug: str) -> ColumnElement[bool]:
    return Assistant.slug == slug


_LEADS_SOMEWHERE = and_(
    HAS_DOORS,
    select(Workspace.id)
    .where(Workspace.id == Assistant.workspace_id, Workspace.deleted_at.is_(None))
    .exists(),
)
"""What every door needs, whatever its kind."""


def _is_still_open(now: datetime) -> ColumnElement[bool]:
    """The door that a visit came by, looked at again."""
    is_linked = select(Link.id).where(Link.id == GuestVisit.link_id, LINK_LIVES).exists()
    return or_(
        and_(GuestVisit.door == DoorKind.LINK.value, is_linked),
        and_(GuestVisit.door == DoorKind.WIDGET.value, _is_shown(now)),
        and_(GuestVisit.door == DoorKind.PUBLIC.value, IS_PUBLIC),
    )


def _is_shown(now: datetime) -> ColumnElement[bool]:
    """A key that pages may show, whose maker could still use it."""
    return and_(Key.kind == KeyKind.PUBLISHABLE.value, key_lives(now), maker_stands())


def _widget(assistant: Assistant, key: Key) -> OpenDoor:
    return OpenDoor(
        kind=DoorKind.WIDGET,
        assistant=assistant,
        key_id=key.id,
        origins=tuple(key.origins),
        answers=key.answers,
        visitor_answers=key.visitor_answers,
    )
