"""Who holds a token: the question behind every call."""

from datetime import timedelta
from typing import Protocol

from contracts.accounts import KeyKind, Power, Scope
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import is_due, is_session_token, is_visit_token, token_hash
from gateway.accounts.tables import Key
from gateway.caller import Caller, Stay
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.policy.repository.grants import groups_of
from gateway.signed_in import AccountPending, InvalidKey, NotSignedIn

ALL_SCOPES = frozenset(Scope)


class Visits(Protocol):
    """The port through which guests are known. Doors fill it in wiring: they stand on accounts."""

    async def identify(self, token: str) -> Caller:
        """Whose visit this is. Raises a StoreError that is UNAUTHENTICATED."""
        ...


class AccessService:
    """Turns a token into a caller. Revoking takes effect at the next call: nothing is cached."""

    def __init__(
        self, database: Database, visits: Visits, idle_days: int, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._visits = visits
        self._idle = timedelta(days=idle_days)
        self._clock = clock

    async def identify(self, token: str, *, even_pending: bool = False) -> Caller:
        """Whose token this is. Raises NotSignedIn, InvalidKey, AccountPending or, of a guest whose
        visit is over, what the door says."""
        if is_session_token(token):
            return await self._of_session(token, even_pending)
        if is_visit_token(token):
            return await self._visits.identify(token)
        return await self._of_key(token)

    async def _of_session(self, token: str, even_pending: bool) -> Caller:
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            holder = await repository.holder(token_hash(token), now, now - self._idle)
            if holder is None:
                raise NotSignedIn("Your session has ended. Sign in again.")
            if is_due(holder.session.last_used_at, now):
                await repository.touch_session(holder.session.id, now)
            groups = await _groups(tx, holder.standing)
        if holder.standing.member.pending_since is not None and not even_pending:
            raise AccountPending("Confirm your e-mail address first: a letter was sent to it.")
        return _caller(holder.standing, None, groups)

    async def _of_key(self, token: str) -> Caller:
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            key = await repository.live_key(token_hash(token), now)
            if key is None:
                raise InvalidKey("This API key is unknown, expired or revoked.")
            standing = await repository.standing(key.member_id, key.workspace_id)
            if standing is None or standing.member.pending_since is not None:
                raise InvalidKey("This API key is unknown, expired or revoked.")
            if is_due(key.last_used_at, now):
                await repository.touch_key(key.id, now)
            groups = await _groups(tx, standing)
        return _caller(standing, key, groups)


async def _groups(tx: Transaction, standing: Standing) -> frozenset[str]:
    return await groups_of(tx, standing.workspace.id, standing.member.id)


def _stay(key: Key) -> Stay | None:
    """Of a key that pages show: whoever reads it there comes by it as by a door."""
    if key.kind != KeyKind.PUBLISHABLE:
        return None
    return Stay(
        visit_id=None, door_id=key.id, answers=key.answers, visitor_answers=key.visitor_answers
    )


def _caller(standing: Standing, key: Key | None, groups: frozenset[str]) -> Caller:
    return Caller(
        member_id=standing.member.id,
        member_name=standing.member.name,
        email=standing.member.email,
        workspace_id=standing.workspace.id,
        power=Power(standing.power),
        is_operator=standing.member.is_operator,
        group_ids=groups,
        key_id=None if key is None else key.id,
        scopes=ALL_SCOPES if key is None else frozenset(map(Scope, key.scopes)),
        assistant_id=None if key is None else key.assistant_id,
        origins=() if key is None else tuple(key.origins),
        stay=None if key is None else _stay(key),
    )
