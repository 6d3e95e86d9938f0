"""Suspending members, and reinstating them: the operator's."""

from contracts.invites import MemberStanding
from gateway.accounts.repository import AccountRepository
from gateway.accounts.tables import Member
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.members.errors import LastOperator, MemberNotFound, NotTheOperator
from gateway.policy.loading import require
from gateway.policy.rules import Thing
from gateway.policy.words import Action, Kind


class SuspensionService:
    """From the next call on a suspended member's sessions and keys open nothing."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def suspend(self, caller: Caller, member_id: str) -> MemberStanding:
        """End every session; keys sleep until the member is reinstated."""
        async with self._database.transaction() as tx:
            member = await _found(tx, caller, member_id)
            repository = AccountRepository(tx)
            if member.is_operator:
                await repository.lock_operators()
                if await repository.other_operators(member.id) == 0:
                    raise LastOperator("Somebody must run this installation.")
            if member.suspended_at is None:
                member.suspended_at = self._clock()
                await repository.end_all(member.id, self._clock())
                Acts(tx).record(Act.MEMBER_SUSPENDED, caller, member.id)
            return MemberStanding(id=member.id, is_suspended=True)

    async def reinstate(self, caller: Caller, member_id: str) -> MemberStanding:
        """Let the member sign in again; their keys work at once."""
        async with self._database.transaction() as tx:
            member = await _found(tx, caller, member_id)
            if member.suspended_at is not None:
                member.suspended_at = None
                Acts(tx).record(Act.MEMBER_REINSTATED, caller, member.id)
            return MemberStanding(id=member.id, is_suspended=False)


async def _found(tx: Transaction, caller: Caller, member_id: str) -> Member:
    """The member, held until this commit; for operators alone."""
    otherwise = NotTheOperator("Only operators suspend and reinstate members.")
    require(caller, Action.ADMINISTER, Thing(Kind.INSTALLATION, "installation", None), otherwise)
    member = await AccountRepository(tx).member(member_id, for_update=True)
    if member is None:
        raise MemberNotFound(f"There is no member {member_id}.")
    return member
