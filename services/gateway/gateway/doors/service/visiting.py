"""What a door shows to whoever holds its name, and the visits that begin there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from contracts.assistants import AssistantFields
from contracts.doors import DoorView, VisitCreated, VisitView
from contracts.ids import new_id
from gateway.accounts.rules import VISIT_PREFIX, new_token, token_hash
from gateway.accounts.tables import Member
from gateway.allowances.errors import GuestsNotAdmitted
from gateway.allowances.service import AllowanceService
from gateway.assistants.repository import AssistantRepository, AvatarRepository
from gateway.avatars.errors import AvatarNotFound
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.doors.errors import DoorNotFound, NoVisit, SignInNeeded
from gateway.doors.repository import (
    DoorRepository,
    LinkRepository,
    OpenDoor,
    Visited,
    VisitRepository,
)
from gateway.doors.service.access import caller_of
from gateway.doors.service.finding import open_door
from gateway.doors.service.views import door_view
from gateway.doors.tables import GuestVisit
from gateway.guessing.rules import Attempt
from gateway.guessing.service import Guesses
from gateway.settings import GuestLimits


@dataclass(frozen=True)
class DoorParts:
    """What doors work with."""

    database: Database
    guesses: Guesses
    allowances: AllowanceService
    limits: GuestLimits
    clock: Clock = utc_now


@dataclass(frozen=True)
class Picture:
    """The picture of a published version: its bytes, and the hash that names them."""

    digest: str
    content: bytes


class VisitService:
    """Opens doors: to look, to follow as a member, to visit as a guest."""

    def __init__(self, parts: DoorParts) -> None:
        self._parts = parts

    async def look(self, caller: Caller | None, name: str, address: str) -> DoorView:
        """What is behind a door. Raises DoorNotFound, SignInNeeded, TooManyAttempts."""
        async with self._opened(name, address) as (tx, door):
            self._check_admitted(caller)
            return await self._view(tx, door)

    async def picture(self, caller: Caller | None, name: str, address: str) -> Picture:
        """The published picture. Raises AvatarNotFound, DoorNotFound, SignInNeeded."""
        async with self._opened(name, address) as (tx, door):
            self._check_admitted(caller)
            digest = (await _published(tx, door)).avatar
            repository = AvatarRepository(tx)
            content = await repository.content(door.assistant.id, digest) if digest else None
            if digest is None or content is None:
                raise AvatarNotFound("This assistant has no picture.")
            return Picture(digest, content)

    async def follow(self, caller: Caller, name: str, address: str) -> DoorView:
        """Note a member as come by a link: it opens the assistant to them as long as it lives.
        Other doors need no noting."""
        async with self._opened(name, address) as (tx, door):
            if door.link_id is not None:
                now = self._parts.clock()
                await LinkRepository(tx).follow(door.link_id, caller.member_id, now)
            return await self._view(tx, door)

    async def begin(self, name: str, address: str) -> VisitCreated:
        """Let a guest in. Raises DoorNotFound, GuestsNotAdmitted, TooManyAttempts."""
        limits, now, token = self._parts.limits, self._parts.clock(), new_token(VISIT_PREFIX)
        if not limits.admitted:
            raise GuestsNotAdmitted("Guests are not admitted here: sign in to ask.")
        await self._parts.guesses.visit(address)
        async with self._opened(name, address) as (tx, door):
            guest = _guest(new_id("mem_"))
            visit = GuestVisit(
                id=new_id("vst_"),
                token_hash=token_hash(token),
                member_id=guest.id,
                workspace_id=door.assistant.workspace_id,
                assistant_id=door.assistant.id,
                door=door.kind.value,
                link_id=door.link_id,
                key_id=door.key_id,
                expires_at=now + timedelta(days=limits.visit_days),
                last_used_at=now,
                created_at=now,
            )
            await VisitRepository(tx).add(guest, visit)
            if door.link_id is not None:
                await LinkRepository(tx).count_visitor(door.link_id)
            shown = await self._visit_view(tx, Visited(visit, door), address)
            return VisitCreated(**shown.model_dump(), token=token)

    async def current(self, token: str, caller: Caller) -> VisitView:
        """A guest's own visit. Raises NoVisit."""
        async with self._parts.database.transaction() as tx:
            hashed, now = token_hash(token), self._parts.clock()
            visited = await DoorRepository(tx).visited(hashed, now)
            if visited is None:
                raise NoVisit("Members have no visit.")
            return await self._visit_view(tx, visited, caller.address)

    @asynccontextmanager
    async def _opened(self, name: str, address: str) -> AsyncIterator[tuple[Transaction, OpenDoor]]:
        """An open door, in a transaction; a name that opens none was a guess."""
        async with self._parts.database.transaction() as tx:
            async with self._parts.guesses.attempt(Attempt("door", address)):
                door = await open_door(tx, name, self._parts.clock())
                if door is None:
                    raise DoorNotFound("There is no such page, or it was closed.")
            yield tx, door

    def _check_admitted(self, caller: Caller | None) -> None:
        if caller is None and not self._parts.limits.admitted:
            raise SignInNeeded("Sign in to ask this assistant.")

    async def _view(self, tx: Transaction, door: OpenDoor) -> DoorView:
        admits = self._parts.limits.admitted
        return door_view(door, await _published(tx, door), admits_guests=admits)

    async def _visit_view(self, tx: Transaction, visited: Visited, address: str) -> VisitView:
        caller = caller_of(visited, address)
        return VisitView(
            door=await self._view(tx, visited.door),
            expires_at=unix_seconds(visited.visit.expires_at),
            answers_left=await self._parts.allowances.left(tx, caller),
        )


async def _published(tx: Transaction, door: OpenDoor) -> AssistantFields:
    version = (await AssistantRepository(tx).current_versions([door.assistant]))[door.assistant.id]
    return AssistantFields.model_validate(version.definition)


def _guest(member_id: str) -> Member:
    """Whom a visit's conversations belong to. What stands for an address is none, so that nobody
    signs in, is invited or written to by it; and no password has an empty hash."""
    return Member(
        id=member_id, email=f"guest:{member_id}", name="", password_hash="", is_guest=True
    )
