"""Who holds the token of a visit: asked at every call, and every moment of a stream."""

from contracts.accounts import Power, Scope
from gateway.accounts.rules import is_due, token_hash
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.doors.errors import VisitOver
from gateway.doors.repository import DoorRepository, Visited, VisitRepository
from gateway.settings import GuestLimits


class VisitAccess:
    """Turns the token of a visit into a caller. Nothing is cached: a door that is closed ends the
    visits that came by it with their next call."""

    def __init__(self, database: Database, limits: GuestLimits, clock: Clock = utc_now) -> None:
        self._database = database
        self._limits = limits
        self._clock = clock

    async def identify(self, token: str) -> Caller:
        """Whose token this is. Raises VisitOver."""
        now = self._clock()
        async with self._database.transaction() as tx:
            visited = await DoorRepository(tx).visited(token_hash(token), now)
            if visited is None or not self._limits.admitted:
                raise VisitOver("This visit is over. Open the assistant's page again.")
            if is_due(visited.visit.last_used_at, now):
                await VisitRepository(tx).touch(visited.visit.id, now)
        return caller_of(visited)

    async def is_open(self, visit_id: str) -> bool:
        """Whether a visit lasts and its door is open."""
        async with self._database.transaction() as tx:
            is_open = await DoorRepository(tx).is_open(visit_id, self._clock())
        return is_open and self._limits.admitted


def caller_of(visited: Visited, address: str = "") -> Caller:
    """A guest: without name or mail, with the scope to chat with one assistant."""
    visit, door = visited
    return Caller(
        member_id=visit.member_id,
        member_name="",
        email="",
        workspace_id=visit.workspace_id,
        power=Power.GUEST,
        key_id=visit.key_id,
        scopes=frozenset({Scope.CHAT}),
        visits=visit.assistant_id,
        stay=door.stay(visit.id),
        address=address,
    )
