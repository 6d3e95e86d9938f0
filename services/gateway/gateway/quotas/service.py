"""Counts model calls against the limits a minute, before anything is generated; sets limits."""

import math
from collections.abc import Sequence

from contracts.limits import LimitPut, LimitRemoved, LimitScope, LimitView
from contracts.lists import Page
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.policy.loading import require
from gateway.policy.rules import Thing, here, may_anywhere
from gateway.policy.words import Action, Kind
from gateway.quotas.errors import LimitNotFound, LimitsNotYours, NoAddress, RateLimitExceeded
from gateway.quotas.repository import LimitRepository
from gateway.quotas.rules import (
    EVERYBODY,
    Book,
    Minute,
    Standing,
    bounds_of,
    counted_address,
    default_of,
    standing_of,
)
from gateway.quotas.tables import Limit
from gateway.rate_windows import Bound, RateWindows
from gateway.remembered import Remembered
from gateway.settings import RateLimits


class LimitBook:
    """The limits that hold now. A change holds on every gateway within five seconds."""

    def __init__(self, database: Database, limits: RateLimits) -> None:
        self._database = database
        self._limits = limits
        self._set: Remembered[Book] = Remembered("limits", self._read, {})

    async def bounds(self, caller: Caller) -> list[Bound]:
        """Everything a caller is counted against."""
        return bounds_of(caller, self._limits, await self._set.get())

    def default(self, scope: LimitScope) -> Minute:
        """What holds where nobody set anything."""
        return default_of(scope, self._limits)

    def forget(self) -> None:
        """A limit was set by this gateway."""
        self._set.forget()

    async def _read(self) -> Book:
        async with self._database.transaction() as tx:
            rows = await LimitRepository(tx).all()
        return {
            (LimitScope(row.scope), row.subject): Minute(
                row.requests_per_minute, row.tokens_per_minute
            )
            for row in rows
        }


class QuotaService:
    """Takes an estimate when a call begins, and corrects it when the engine has counted."""

    def __init__(self, windows: RateWindows, book: LimitBook) -> None:
        self._windows = windows
        self._book = book

    async def reserve(self, caller: Caller, call_id: str, tokens: int) -> None:
        """Count a call that may use so many tokens. Raises RateLimitExceeded."""
        bounds = await self._book.bounds(caller)
        taken = await self._windows.take(bounds, call_id, tokens)
        if taken.wait_seconds is None:
            return
        standing = standing_of(bounds, taken.used)
        what = "tokens" if standing.requests.remaining else "requests"
        limit = standing.tokens.limit if standing.requests.remaining else standing.requests.limit
        wait_seconds = math.ceil(taken.wait_seconds)
        raise RateLimitExceeded(
            f"This call is over the limit of {limit} {what} a minute. "
            f"Try again in {wait_seconds} s.",
            retry_after_seconds=wait_seconds,
        )

    async def correct(self, caller: Caller, call_id: str, tokens: int) -> None:
        """A call has ended, having used so many tokens."""
        subjects = [bound.subject for bound in await self._book.bounds(caller)]
        await self._windows.correct(subjects, call_id, tokens)

    async def standing(self, caller: Caller) -> Standing:
        """What the caller has left now."""
        bounds = await self._book.bounds(caller)
        return standing_of(bounds, await self._windows.used(bounds))


class LimitService:
    """Limits as administrators see and set them."""

    def __init__(self, database: Database, book: LimitBook, clock: Clock = utc_now) -> None:
        self._database = database
        self._book = book
        self._clock = clock

    async def all(self, caller: Caller) -> Page[LimitView]:
        """The default of each scope, then the exceptions that the caller may know of."""
        barred = LimitsNotYours("Only those who run the workspace see its limits.")
        is_operator = may_anywhere(caller, Action.ADMINISTER, Kind.INSTALLATION)
        if not is_operator:
            require(caller, Action.SEE, here(caller, Kind.LEDGER), barred)
        async with self._database.transaction() as tx:
            limits = LimitRepository(tx)
            rows = await (limits.all() if is_operator else limits.of_workspace(caller.workspace_id))
            views = await _views(tx, rows)
        exceptions = [view for view in views if view.subject is not None]
        general = {view.scope: view for view in views if view.subject is None}
        defaults = [general.get(scope) or self._setting(scope) for scope in LimitScope]
        return Page(data=[*defaults, *exceptions])

    async def put(self, caller: Caller, wanted: LimitPut) -> LimitView:
        """Set a limit for somebody, or for everybody of a scope."""
        _check_operator(caller)
        subject = _counted(wanted.scope, wanted.subject)
        async with self._database.transaction() as tx:
            limits, now = LimitRepository(tx), self._clock()
            names = await limits.names(wanted.scope, [subject] if subject else [])
            is_person = wanted.scope is not LimitScope.ADDRESS and subject != EVERYBODY
            if is_person and subject not in names:
                raise LimitNotFound(f"There is no {wanted.scope} {subject}.", param="subject")
            await limits.put(wanted, subject, now)
            Acts(tx).record(Act.LIMIT_SET, caller, f"{wanted.scope}-{subject or 'default'}")
        self._book.forget()
        return LimitView(
            **wanted.model_dump(exclude={"subject"}),
            subject=subject or None,
            subject_name=names.get(subject),
            is_set=True,
            updated_at=unix_seconds(now),
        )

    async def remove(self, caller: Caller, scope: LimitScope, subject: str | None) -> LimitRemoved:
        """Let the default hold again; of a default, the setting."""
        _check_operator(caller)
        counted = _counted(scope, subject)
        async with self._database.transaction() as tx:
            if not await LimitRepository(tx).remove(scope, counted):
                raise LimitNotFound("No such limit was set.", param="subject")
            Acts(tx).record(Act.LIMIT_REMOVED, caller, f"{scope}-{counted or 'default'}")
        self._book.forget()
        return LimitRemoved(scope=scope, subject=counted or None)

    def _setting(self, scope: LimitScope) -> LimitView:
        minute = self._book.default(scope)
        return LimitView(
            scope=scope,
            subject=None,
            subject_name=None,
            requests_per_minute=minute.requests,
            tokens_per_minute=minute.tokens,
            is_set=False,
        )


def _check_operator(caller: Caller) -> None:
    barred = LimitsNotYours("Only those who run this installation set limits.")
    require(caller, Action.ADMINISTER, Thing(Kind.INSTALLATION, "installation", None), barred)


def _counted(scope: LimitScope, subject: str | None) -> str:
    """The subject as it is counted. Raises NoAddress."""
    if subject is None or scope is not LimitScope.ADDRESS:
        return subject or EVERYBODY
    address = counted_address(subject)
    if address is None:
        raise NoAddress(
            "Name one client address: an IPv4 address, or an IPv6 address for its /64.",
            param="subject",
        )
    return address


async def _views(tx: Transaction, rows: Sequence[Limit]) -> list[LimitView]:
    names: dict[str, str] = {}
    for scope in LimitScope:
        ids = [row.subject for row in rows if row.scope == scope]
        names |= await LimitRepository(tx).names(scope, ids)
    return [
        LimitView(
            scope=LimitScope(row.scope),
            subject=row.subject or None,
            subject_name=names.get(row.subject),
            requests_per_minute=row.requests_per_minute,
            tokens_per_minute=row.tokens_per_minute,
            is_set=True,
            updated_at=unix_seconds(row.updated_at),
        )
        for row in rows
    ]
