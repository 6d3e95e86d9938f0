"""Finds and makes members, sessions, keys and claims."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, update

from contracts.accounts import KeyKind, Scope
from gateway.accounts.errors import KeyNotFound
from gateway.accounts.rules import LAST_USED_STEP
from gateway.accounts.tables import Claim, Key, Member, Membership, Session, Workspace
from gateway.assistants.repository import HAS_DOORS
from gateway.assistants.tables import Assistant
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source
from gateway.policy.rules import Asker
from gateway.policy.words import Kind

MOST_SESSIONS = 100
_CLAIMING = 0x53746F61  # the advisory lock under which the first operator is made


def _owned_by(member_id: str) -> ColumnElement[bool]:
    """A key is its maker's, and one to an assistant also the assistant's owner's."""
    hers = select(Assistant.id).where(Assistant.owner_id == member_id)
    return or_(Key.member_id == member_id, Key.assistant_id.in_(hers))


def _missing_key(key_id: str) -> KeyNotFound:
    return KeyNotFound(f"There is no key {key_id}.")


KEYS = Source(
    kind=Kind.KEY,
    row=Key,
    id=Key.id,
    workspace_id=Key.workspace_id,
    owned_by=_owned_by,
    missing=_missing_key,
    exists=Key.revoked_at.is_(None),
)


class Standing(NamedTuple):
    """A member and what they are in a workspace."""

    member: Member
    workspace: Workspace
    power: str


class Holder(NamedTuple):
    """Who holds a session."""

    standing: Standing
    session: Session


class AccountRepository:
    """Accounts inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, *rows: Member | Workspace | Membership | Session | Key | Claim) -> None:
        """Make them part of this transaction."""
        self._tx.add_all(rows)

    async def flush(self) -> None:
        """Send what was added, so that later rows can refer to it."""
        await self._tx.flush()

    async def member_of_email(self, email: str) -> Member | None:
        """The member with this (lower case) address."""
        query = select(Member).where(Member.email == email, Member.deleted_at.is_(None))
        return await self._tx.scalar(query)

    async def first_standing(self, member_id: str) -> Standing | None:
        """The member in the workspace they joined first."""
        query = (
            _standings()
            .where(Member.id == member_id)
            .order_by(Membership.created_at, Membership.workspace_id)
            .limit(1)
        )
        return await self._standing(query)

    async def standing(self, member_id: str, workspace_id: str) -> Standing | None:
        """The member in one workspace."""
        return await self._standing(
            _standings().where(Member.id == member_id, Workspace.id == workspace_id)
        )

    async def holder(self, hashed: str, now: datetime, idle_since: datetime) -> Holder | None:
        """Who holds a session that is neither over nor ended, nor was left unused for long."""
        query = (
            _standings()
            .add_columns(Session)
            .join(
                Session,
                and_(
                    Session.member_id == Membership.member_id,
                    Session.workspace_id == Membership.workspace_id,
                ),
            )
            .where(Session.token_hash == hashed)
            .where(_is_open(now, idle_since))
        )
        row = (await self._tx.execute(query)).first()
        return None if row is None else Holder(Standing(row[0], row[1], row[2]), row[3])

    async def member(self, member_id: str, *, for_update: bool = False) -> Member | None:
        """The member of this id, suspended or not."""
        query = select(Member).where(Member.id == member_id, Member.deleted_at.is_(None))
        return await self._tx.scalar(query.with_for_update() if for_update else query)

    async def touch_session(self, session_id: str, now: datetime) -> None:
        """Note that a session was used, at most once a minute."""
        await self._tx.execute(
            update(Session)
            .where(Session.id == session_id)
            .where(or_(Session.last_used_at.is_(None), Session.last_used_at < now - LAST_USED_STEP))
            .values(last_used_at=now)
        )

    async def open_sessions(
        self, member_id: str, now: datetime, idle_since: datetime
    ) -> Sequence[tuple[Session, str]]:
        """A member's sessions that work, the last used first, each with its workspace's name."""
        query = (
            select(Session, Workspace.name)
            .join(Workspace, Workspace.id == Session.workspace_id)
            .where(Session.member_id == member_id, _is_open(now, idle_since))
            .order_by(func.coalesce(Session.last_used_at, Session.created_at).desc(), Session.id)
            .limit(MOST_SESSIONS)
        )
        return [(row[0], row[1]) for row in await self._tx.execute(query)]

    async def end_one(self, member_id: str, session_id: str, now: datetime) -> bool:
        """End one of a member's sessions; False when it is over already, or not theirs."""
        ended = await self._tx.scalar(
            update(Session)
            .where(Session.id == session_id, Session.member_id == member_id)
            .where(Session.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(Session.id)
        )
        return ended is not None

    async def end_all(
        self,
        member_id: str,
        now: datetime,
        *,
        but: str | None = None,
        workspace_id: str | None = None,
    ) -> int:
        """End a member's sessions, all but the one of this hash, or those in one workspace; how
        many they were."""
        change = update(Session).where(
            Session.member_id == member_id, Session.revoked_at.is_(None), Session.expires_at > now
        )
        if but is not None:
            change = change.where(Session.token_hash != but)
        if workspace_id is not None:
            change = change.where(Session.workspace_id == workspace_id)
        ended = await self._tx.scalars(change.values(revoked_at=now).returning(Session.id))
        return len(ended.all())

    async def revoke_keys(
        self, member_id: str, now: datetime, workspace_id: str | None = None
    ) -> None:
        """End a member's keys: all of them, or those of one workspace."""
        change = update(Key).where(Key.member_id == member_id, Key.revoked_at.is_(None))
        if workspace_id is not None:
            change = change.where(Key.workspace_id == workspace_id)
        await self._tx.execute(change.values(revoked_at=now))

    async def lock_email(self, email: str) -> None:
        """Accounts of one address are made one after another, until this commit."""
        await self._tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(email, 0))))

    async def lock_operators(self) -> None:
        """Operators are made, suspended and deleted one after another, until this commit."""
        await self.lock_claiming()

    async def other_operators(self, member_id: str) -> int:
        """How many operators there would be without this one."""
        query = select(func.count()).where(
            Member.is_operator,
            Member.id != member_id,
            Member.suspended_at.is_(None),
            Member.deleted_at.is_(None),
        )
        return await self._tx.scalar(query) or 0

    async def live_key(self, hashed: str, now: datetime) -> Key | None:
        """The key, unless expired, revoked, or of an assistant that is deleted."""
        return await self._tx.scalar(select(Key).where(Key.secret_hash == hashed, key_lives(now)))

    async def is_origin_named(self, origin: str, id_or_slug: str | None, now: datetime) -> bool:
        """Whether a live key that may chat names the web site: for this assistant, or for any."""
        query = select(Key.id).where(
            Key.origins.contains([origin]), Key.scopes.contains([Scope.CHAT.value]), key_lives(now)
        )
        if id_or_slug is not None:
            named = select(Assistant.id).where(
                or_(Assistant.id == id_or_slug, Assistant.slug == id_or_slug)
            )
            query = query.where(or_(Key.assistant_id.is_(None), Key.assistant_id.in_(named)))
        return await self._tx.scalar(query.limit(1)) is not None

    async def touch_key(self, key_id: str, now: datetime) -> None:
        """Note that a key was used, at most once a minute."""
        await self._tx.execute(
            update(Key)
            .where(Key.id == key_id)
            .where(or_(Key.last_used_at.is_(None), Key.last_used_at < now - LAST_USED_STEP))
            .values(last_used_at=now)
        )

    async def end_session(self, hashed: str, now: datetime) -> str | None:
        """End a session and say its id; None when it is over already."""
        return await self._tx.scalar(
            update(Session)
            .where(Session.token_hash == hashed, Session.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(Session.id)
        )

    async def keys_of(self, asker: Asker, page: PageRequest, kind: KeyKind | None) -> Rows[Key]:
        """A member's keys in a workspace that are not revoked."""
        is_own = and_(Key.member_id == asker.member_id, Key.workspace_id == asker.workspace_id)
        query = select(Key).where(is_own, _kept(kind), _opens_something())
        return await fetch_page(self._tx, query, Key.id, page)

    async def keys_to(
        self, assistant_id: str, member_id: str | None, page: PageRequest, kind: KeyKind | None
    ) -> Rows[Key]:
        """The keys bound to an assistant that are not revoked; None: whoever made them."""
        query = select(Key).where(Key.assistant_id == assistant_id, _kept(kind))
        if member_id is not None:
            query = query.where(Key.member_id == member_id)
        return await fetch_page(self._tx, query, Key.id, page)

    async def assistant_names(self, assistant_ids: Iterable[str | None]) -> dict[str, str]:
        """assistant id -> the name of its draft."""
        query = select(Assistant.id, Assistant.draft["name"].astext).where(
            Assistant.id.in_({found for found in assistant_ids if found is not None})
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def has_operator(self) -> bool:
        """Whether the installation is taken."""
        query = select(Member.id).where(Member.is_operator).limit(1)
        return await self._tx.scalar(query) is not None

    async def operator_standing(self) -> Standing | None:
        """The first operator, in the workspace they joined first."""
        query = (
            _standings()
            .where(Member.is_operator)
            .order_by(Member.id, Membership.created_at, Membership.workspace_id)
            .limit(1)
        )
        return await self._standing(query)

    async def lock_claiming(self) -> None:
        """Make operators one after another, in whatever process, until this commit."""
        await self._tx.execute(select(func.pg_advisory_xact_lock(_CLAIMING)))

    async def void_claims(self, now: datetime) -> None:
        """No link given so far works any more."""
        await self._tx.execute(update(Claim).where(Claim.used_at.is_(None)).values(used_at=now))

    async def use_claim(self, hashed: str, now: datetime) -> bool:
        """Use up a link; False when it is unknown or was used. Only one caller sees True."""
        used = await self._tx.scalar(
            update(Claim)
            .where(Claim.token_hash == hashed, Claim.used_at.is_(None))
            .values(used_at=now)
            .returning(Claim.id)
        )
        return used is not None

    async def is_claim_open(self, hashed: str) -> bool:
        """Whether a link could be used now."""
        query = select(Claim.id).where(Claim.token_hash == hashed, Claim.used_at.is_(None))
        return await self._tx.scalar(query) is not None

    async def _standing(self, query: Select[Member, Workspace, str]) -> Standing | None:
        row = (await self._tx.execute(query)).first()
        return None if row is None else Standing(row[0], row[1], row[2])


def _is_open(now: datetime, idle_since: datetime) -> ColumnElement[bool]:
    return and_(
        Session.revoked_at.is_(None),
        Session.expires_at > now,
        func.coalesce(Session.last_used_at, Session.created_at) > idle_since,
    )


def _kept(kind: KeyKind | None) -> ColumnElement[bool]:
    return and_(Key.revoked_at.is_(None), true() if kind is None else Key.kind == kind.value)


def key_lives(now: datetime) -> ColumnElement[bool]:
    """A key that opens something, neither over nor revoked."""
    # One that pages show rests while its assistant is private.
    is_shown = Key.kind == KeyKind.PUBLISHABLE.value
    return and_(
        Key.revoked_at.is_(None),
        or_(Key.expires_at.is_(None), Key.expires_at > now),
        _opens_something(),
        or_(~is_shown, _its_assistant(HAS_DOORS)),
    )


def _opens_something() -> ColumnElement[bool]:
    """A key dies with the assistant it is bound to."""
    return or_(Key.assistant_id.is_(None), _its_assistant(Assistant.deleted_at.is_(None)))


def _its_assistant(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    found = select(Assistant.id).where(Assistant.id == Key.assistant_id, condition)
    return found.correlate(Key).exists()


def maker_stands() -> ColumnElement[bool]:
    """Whoever made a key is still in its workspace, and not suspended."""
    standing = (
        select(Membership.member_id)
        .join(Member, Member.id == Membership.member_id)
        .where(Membership.member_id == Key.member_id, Membership.workspace_id == Key.workspace_id)
        .where(Member.suspended_at.is_(None), Member.deleted_at.is_(None))
    )
    return standing.correlate(Key).exists()


def _standings() -> Select[Member, Workspace, str]:
    return (
        select(Member, Workspace, Membership.power)
        .join(Membership, Membership.member_id == Member.id)
        .join(Workspace, Workspace.id == Membership.workspace_id)
        .where(Member.suspended_at.is_(None), Member.deleted_at.is_(None))
    )
