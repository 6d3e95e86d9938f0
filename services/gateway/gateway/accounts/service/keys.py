"""API keys: shown once, kept as a hash, bound to one workspace."""

from datetime import UTC, datetime

from contracts.accounts import KeyCreate, KeyCreated, KeyView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.accounts.errors import ExpiryPassed, KeyNotFound, ScopeNotHeld
from gateway.accounts.repository import AccountRepository
from gateway.accounts.rules import KEY_PREFIX, new_token, shown_prefix, token_hash
from gateway.accounts.service.views import key_view
from gateway.accounts.tables import Key
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.paging import PageRequest, as_page


class KeyService:
    """Makes, lists and revokes keys."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def create(self, caller: Caller, wanted: KeyCreate) -> KeyCreated:
        """Make a key with no more scopes than the caller has."""
        if not caller.scopes.issuperset(wanted.scopes):
            raise ScopeNotHeld("A key cannot give more scopes than it has.", param="scopes")
        secret = new_token(KEY_PREFIX)
        now = self._clock()
        key = Key(
            id=new_id("key_"),
            secret_hash=token_hash(secret),
            prefix=shown_prefix(secret),
            name=wanted.name,
            scopes=sorted(set(wanted.scopes)),
            member_id=caller.member_id,
            workspace_id=caller.workspace_id,
            expires_at=_expiry(wanted.expires_at, now),
            created_at=now,
        )
        async with self._database.transaction() as tx:
            AccountRepository(tx).add(key)
        return KeyCreated(**key_view(key).model_dump(), key=secret)

    async def list(self, caller: Caller, page: PageRequest) -> Page[KeyView]:
        """The caller's own keys in this workspace."""
        async with self._database.transaction() as tx:
            rows = await AccountRepository(tx).keys_of(caller.member_id, caller.workspace_id, page)
        return as_page(rows, key_view, lambda view: view.id)

    async def revoke(self, caller: Caller, key_id: str) -> Deleted:
        """The key opens nothing from the next call on. Admins revoke anybody's."""
        async with self._database.transaction() as tx:
            key = await AccountRepository(tx).key_of_workspace(caller.workspace_id, key_id)
            if key is None or not (key.member_id == caller.member_id or caller.runs_workspace):
                raise KeyNotFound(f"There is no key {key_id}.")
            key.revoked_at = self._clock()
        return Deleted(id=key_id, object="key.deleted")


def _expiry(seconds: int | None, now: datetime) -> datetime | None:
    if seconds is None:
        return None
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise ExpiryPassed("expires_at is not a date.", param="expires_at") from error
    if moment <= now:
        raise ExpiryPassed("expires_at has passed.", param="expires_at")
    return moment
