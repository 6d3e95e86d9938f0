"""API keys: shown once, kept as a hash, of one workspace or of one assistant in it.

Publishable ones open answers of one assistant to whoever reads a web page. They are no secret, and
are kept readable.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from contracts.accounts import KeyCreate, KeyCreated, KeyKind, KeyView, Scope
from contracts.budgets import KeyBudget
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.accounts.errors import NotOfThisKind, ScopeNotBindable, ScopeNotHeld
from gateway.accounts.repository import KEYS, AccountRepository
from gateway.accounts.rules import (
    BINDABLE_SCOPES,
    KEY_PREFIX,
    PUBLISHABLE_PREFIX,
    expiry_of,
    new_token,
    plain_origins,
    shown_prefix,
    token_hash,
)
from gateway.accounts.service.views import key_view
from gateway.accounts.tables import Key
from gateway.assistants.service.assistants import AssistantService
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.cross_origin import OriginNotAllowed
from gateway.db import Database, Transaction
from gateway.paging import PageRequest, Rows, as_page
from gateway.policy.loading import load
from gateway.policy.words import Action


class KeyBounds(Protocol):
    """The port through which keys have budgets. Budgets fill it in wiring, so that accounts do not
    import them back."""

    def bound(self, tx: Transaction, key: Key, wanted: KeyBudget) -> None:
        """Give a new key its budget, in the transaction that makes the key."""
        ...

    async def of_keys(
        self, tx: Transaction, keys: Collection[str]
    ) -> Mapping[str, Sequence[KeyBudget]]:
        """key id -> its standing budgets, also those set later."""
        ...


class Publishing(Protocol):
    """The port through which keys become doors. Doors fill it in wiring: they stand on accounts."""

    async def publish(
        self, tx: Transaction, caller: Caller, key: Key, shown: str, wanted: KeyCreate
    ) -> None:
        """Make a new key one that pages show, in the transaction that makes it."""
        ...


class KeyService:
    """Makes, lists and revokes keys."""

    def __init__(
        self,
        database: Database,
        assistants: AssistantService,
        bounds: KeyBounds,
        publishing: Publishing,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._assistants = assistants
        self._bounds = bounds
        self._publishing = publishing
        self._clock = clock

    async def create(self, caller: Caller, wanted: KeyCreate) -> KeyCreated:
        """Make a key that opens no more than the caller does."""
        _check_kind(wanted)
        scopes, origins = _scopes(wanted), plain_origins(wanted.origins)
        _check_held(caller, scopes, origins)
        assistant = None
        if wanted.assistant_id is not None:
            assistant = await self._assistants.access(caller, wanted.assistant_id)
        is_publishable = wanted.kind is KeyKind.PUBLISHABLE
        secret = new_token(PUBLISHABLE_PREFIX if is_publishable else KEY_PREFIX)
        now = self._clock()
        key = Key(
            id=new_id("key_"),
            secret_hash=token_hash(secret),
            prefix=shown_prefix(secret),
            name=wanted.name,
            scopes=scopes,
            member_id=caller.member_id,
            workspace_id=caller.workspace_id,
            assistant_id=None if assistant is None else assistant.assistant_id,
            origins=origins,
            kind=wanted.kind.value,
            expires_at=expiry_of(wanted.expires_at, now),
            created_at=now,
        )
        async with self._database.transaction() as tx:
            if is_publishable:
                await self._publishing.publish(tx, caller, key, secret, wanted)
            AccountRepository(tx).add(key)
            budgets = [wanted.budget] if wanted.budget else []
            for budget in budgets:
                self._bounds.bound(tx, key, budget)
            Acts(tx).record(Act.KEY_CREATED, caller, key.id)
        view = key_view(key, None if assistant is None else assistant.name, budgets)
        return KeyCreated(**view.model_dump(), key=secret)

    async def list(
        self,
        caller: Caller,
        page: PageRequest,
        assistant_id: str | None = None,
        kind: KeyKind | None = None,
    ) -> Page[KeyView]:
        """The caller's own keys in this workspace, or the keys bound to one assistant: all of
        them for those who may change it. kind: None: of both."""
        if assistant_id is None:
            async with self._database.transaction() as tx:
                repository = AccountRepository(tx)
                rows = await repository.keys_of(caller, page, kind)
                return await self._as_page(tx, rows)
        access = await self._assistants.access(caller, assistant_id)
        member_id = None if access.sees_all_keys else caller.member_id
        async with self._database.transaction() as tx:
            rows = await AccountRepository(tx).keys_to(access.assistant_id, member_id, page, kind)
            return await self._as_page(tx, rows)

    async def revoke(self, caller: Caller, key_id: str) -> Deleted:
        """The key opens nothing from the next call on. Admins revoke anybody's, and owners of an
        assistant every key to it."""
        async with self._database.transaction() as tx:
            key = await load(tx, caller, Action.DELETE, KEYS, key_id)
            key.revoked_at = self._clock()
            Acts(tx).record(Act.KEY_REVOKED, caller, key.id)
        return Deleted(id=key_id, object="key.deleted")

    async def check_origin(self, origin: str, id_or_slug: str | None) -> None:
        """Raises OriginNotAllowed unless a live key names the web site: for this assistant, or
        (None) for any. It tells nothing else: an unknown assistant is refused in the same words.
        """
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            if not await repository.is_origin_named(origin, id_or_slug, self._clock()):
                raise OriginNotAllowed("No key is for use on this web site.")

    async def _as_page(self, tx: Transaction, rows: Rows[Key]) -> Page[KeyView]:
        names = await AccountRepository(tx).assistant_names(key.assistant_id for key in rows.rows)
        budgets = await self._bounds.of_keys(tx, [key.id for key in rows.rows])

        def shown(key: Key) -> KeyView:
            return key_view(key, names.get(key.assistant_id or ""), budgets.get(key.id, ()))

        return as_page(rows, shown, lambda view: view.id)


def _check_kind(wanted: KeyCreate) -> None:
    """Refuse by name what a key of the wanted kind cannot have. Raises NotOfThisKind."""
    if wanted.kind is KeyKind.PUBLISHABLE:
        _check_publishable(wanted)
        return
    for name in ("visitor_answers", "answers"):
        if getattr(wanted, name) is not None:
            raise NotOfThisKind(
                f"Only publishable keys have {name}. A secret one has limits and a budget.",
                param=name,
            )


def _check_publishable(wanted: KeyCreate) -> None:
    if wanted.scopes not in (None, [Scope.CHAT]):
        raise NotOfThisKind("A publishable key has the scope chat alone.", param="scopes")
    if wanted.assistant_id is None:
        raise NotOfThisKind("A publishable key is for one assistant.", param="assistant_id")
    if not wanted.origins:
        raise NotOfThisKind(
            "A publishable key names the web sites whose pages may use it.", param="origins"
        )


def _scopes(wanted: KeyCreate) -> list[str]:
    is_bound = wanted.assistant_id is not None
    scopes = wanted.scopes or ([Scope.CHAT] if is_bound else list(Scope))
    if is_bound and not BINDABLE_SCOPES.issuperset(scopes):
        raise ScopeNotBindable(
            "A key of one assistant may have the scopes chat, ingest and read.", param="scopes"
        )
    return sorted({scope.value for scope in scopes})


def _check_held(caller: Caller, scopes: Sequence[str], origins: Sequence[str]) -> None:
    if not caller.scopes.issuperset(scopes):
        raise ScopeNotHeld("A key cannot give more scopes than it has.", param="scopes")
    is_wider = not origins or not set(caller.origins).issuperset(origins)
    if caller.origins and is_wider:
        raise ScopeNotHeld("A key cannot be for more web sites than it is itself.", param="origins")
