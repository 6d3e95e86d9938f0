"""Who holds a token: the question behind every call."""

from contracts.accounts import Power, Scope
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import is_due, is_session_token, token_hash
from gateway.accounts.tables import Key
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.signed_in import InvalidKey, NotSignedIn

ALL_SCOPES = frozenset(Scope)


class AccessService:
    """Turns a token into a caller. Revoking takes effect at the next call: nothing is cached."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def identify(self, token: str) -> Caller:
        """Whose token this is. Raises NotSignedIn or InvalidKey."""
        if is_session_token(token):
            return await self._of_session(token)
        return await self._of_key(token)

    async def _of_session(self, token: str) -> Caller:
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            standing = await repository.standing_of_session(token_hash(token), self._clock())
        if standing is None:
            raise NotSignedIn("Your session has ended. Sign in again.")
        return _caller(standing, None)

    async def _of_key(self, token: str) -> Caller:
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            key = await repository.live_key(token_hash(token), now)
            if key is None:
                raise InvalidKey("This API key is unknown, expired or revoked.")
            standing = await repository.standing(key.member_id, key.workspace_id)
            if standing is None:
                raise InvalidKey("This API key is unknown, expired or revoked.")
            if is_due(key.last_used_at, now):
                await repository.touch_key(key.id, now)
        return _caller(standing, key)


def _caller(standing: Standing, key: Key | None) -> Caller:
    return Caller(
        member_id=standing.member.id,
        member_name=standing.member.name,
        email=standing.member.email,
        workspace_id=standing.workspace.id,
        power=Power(standing.power),
        is_operator=standing.member.is_operator,
        key_id=None if key is None else key.id,
        scopes=ALL_SCOPES if key is None else frozenset(map(Scope, key.scopes)),
        assistant_id=None if key is None else key.assistant_id,
        origins=() if key is None else tuple(key.origins),
    )
