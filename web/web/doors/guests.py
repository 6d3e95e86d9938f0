"""Who is in a room without an account, and what stands behind the door that they came by."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from contracts.doors import DoorKind, DoorView, VisitView
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.doors import Doors
from web.cookies import Cookies, Pass
from web.paths import Id
from web.rooms import VisitOver, enter, room_behind

_NOT_IN = (ErrorKind.UNAUTHENTICATED, ErrorKind.FORBIDDEN, ErrorKind.NOT_FOUND)
_CLOSED = (ErrorKind.NOT_FOUND, ErrorKind.UNAUTHENTICATED)


class NoSuchDoor(StoreError):
    """No door of this name, or a closed one, or one of another kind than its address says."""

    kind = ErrorKind.NOT_FOUND
    code = "door_not_found"


@dataclass(frozen=True)
class Guest:
    """Somebody on a visit, and the name of their door."""

    token: str
    visit: VisitView
    door: str


class Porter:
    """Knows who is on a visit, and looks behind doors."""

    def __init__(
        self,
        doors: Annotated[Doors, provided(Doors)],
        cookies: Annotated[Cookies, provided(Cookies)],
    ) -> None:
        self._doors = doors
        self._cookies = cookies

    def pass_of(self, request: Request) -> Pass | None:
        """What the visitor of these pages was given before."""
        return self._cookies.pass_of(request)

    async def guest(self, request: Request, slug: str) -> Guest | None:
        """Whoever is on a visit to that assistant; from now on their room is where they are."""
        kept = self.pass_of(request)
        if kept is None or not kept.token:
            return None
        try:
            visit = await self._doors.visit(kept.token)
        except StoreError as error:
            if error.kind in _NOT_IN:
                return None
            raise
        if visit.door.slug != slug:
            return None
        base = f"/with/{slug}"
        enter(request, room_behind(visit.door, kept.door, base, visit.answers_left))
        return Guest(kept.token, visit, kept.door)

    async def behind(self, name: str, kind: DoorKind, session: str | None) -> DoorView:
        """What stands behind a door of that kind. Raises NoSuchDoor."""
        found = await self._doors.look(session, name)
        if found.kind is not kind:
            raise NoSuchDoor("There is no such door.")
        return found

    async def behind_own(
        self, request: Request, slug: str, session: str | None
    ) -> tuple[DoorView, str]:
        """What the address of an assistant shows to somebody without a visit, and the door's name:
        the one that let them in before, else the assistant itself if it is public."""
        kept = self.pass_of(request)
        if kept is not None and kept.door != slug:
            try:
                found = await self._doors.look(session, kept.door)
            except StoreError as error:
                if error.kind not in _CLOSED:
                    raise
            else:
                if found.slug == slug:
                    return found, kept.door
        return await self.behind(slug, DoorKind.PUBLIC, session), slug

    async def let_in(self, request: Request, slug: str, door: str) -> Guest:
        """Begin a visit, and have the next answer bring its token. Raises NoSuchDoor for a door
        that leads elsewhere."""
        if (await self._doors.look(None, door)).slug != slug:
            raise NoSuchDoor("The door leads elsewhere.")
        made = await self._doors.come_in(door)
        base = f"/with/{made.door.slug}"
        enter(request, room_behind(made.door, door, base, made.answers_left))
        given = Pass(door, made.token, made.door.slug, made.expires_at)
        self._cookies.give_pass(request, given)
        return Guest(made.token, made, door)

    async def forget(self, request: Request, guest: Guest) -> None:
        """Erase what they said. They keep their door, which may still be open."""
        await self._doors.forget(guest.token)
        visit = guest.visit
        self._cookies.give_pass(request, Pass(guest.door, "", visit.door.slug, visit.expires_at))


AtTheDoor = Annotated[Porter, Depends()]


async def _in_room(request: Request, porter: AtTheDoor, room: Id) -> Guest:
    guest = await porter.guest(request, room)
    if guest is None:
        raise VisitOver
    return guest


InRoom = Annotated[Guest, Depends(_in_room)]
