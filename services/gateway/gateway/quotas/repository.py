"""Reads and writes the limits that were set, and names whom they are about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from contracts.limits import LimitPut, LimitScope
from gateway.accounts.tables import Key, Member, Membership, Workspace
from gateway.db import Transaction
from gateway.quotas.rules import EVERYBODY
from gateway.quotas.tables import Limit

MOST_LIMITS = 10_000
"""Set by hand, so there are far fewer; all of them are held in memory."""

_NAME_OF = {
    LimitScope.KEY: (Key.id, Key.name),
    LimitScope.MEMBER: (Member.id, Member.name),
    LimitScope.WORKSPACE: (Workspace.id, Workspace.name),
}


class LimitRepository:
    """Limits inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def all(self) -> list[Limit]:
        """Every limit that was set."""
        query = select(Limit).order_by(Limit.scope, Limit.subject).limit(MOST_LIMITS)
        return list(await self._tx.scalars(query))

    async def of_workspace(self, workspace_id: str) -> list[Limit]:
        """Of those only what concerns one workspace: the defaults, itself, its members and keys."""
        members = select(Membership.member_id).where(Membership.workspace_id == workspace_id)
        keys = select(Key.id).where(Key.workspace_id == workspace_id)
        query = select(Limit).where(
            or_(
                Limit.subject == EVERYBODY,
                (Limit.scope == LimitScope.WORKSPACE) & (Limit.subject == workspace_id),
                (Limit.scope == LimitScope.MEMBER) & Limit.subject.in_(members),
                (Limit.scope == LimitScope.KEY) & Limit.subject.in_(keys),
            )
        )
        return list(await self._tx.scalars(query.order_by(Limit.scope, Limit.subject)))

    async def put(self, limit: LimitPut, subject: str, now: datetime) -> None:
        """Set a limit, or set it anew."""
        values = {
            "requests_per_minute": limit.requests_per_minute,
            "tokens_per_minute": limit.tokens_per_minute,
            "updated_at": now,
        }
        await self._tx.execute(
            insert(Limit)
            .values(scope=limit.scope.value, subject=subject, **values)
            .on_conflict_do_update(index_elements=["scope", "subject"], set_=values)
        )

    async def remove(self, scope: LimitScope, subject: str) -> bool:
        """Whether there was such a limit."""
        gone = delete(Limit).where(Limit.scope == scope.value, Limit.subject == subject)
        found = await self._tx.scalar(gone.returning(Limit.subject))
        return found is not None

    async def names(self, scope: LimitScope, ids: Sequence[str]) -> dict[str, str]:
        """id -> name of those that exist; addresses have none."""
        if scope not in _NAME_OF or not ids:
            return {}
        column, name = _NAME_OF[scope]
        query = select(column, name).where(column.in_(ids))
        if scope is LimitScope.MEMBER:
            query = query.where(~Member.is_guest)
        return {row[0]: row[1] for row in await self._tx.execute(query)}
