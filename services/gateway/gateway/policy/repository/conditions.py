"""The table of rules as SQL: what lists may show, and the facts of one object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from contracts.errors import StoreError
from gateway.db import Record
from gateway.policy.errors import NotAllowed
from gateway.policy.rules import Asker, opened
from gateway.policy.tables import Grant
from gateway.policy.words import Action, Kind, Way

R = TypeVar("R", bound=Record)

POWER_OF = {Way.GRANTED_USE: "use", Way.GRANTED_EDIT: "edit", Way.GRANTED_DOWNLOAD: "download"}
"""The power of a grant row (contracts.sharing.GrantPower) behind each way that a grant opens."""

Granted = Callable[[Asker, Way], ColumnElement[bool]]
Linked = Callable[[Asker], ColumnElement[bool]]
_ALWAYS: ColumnElement[bool] = true()
_NEVER: ColumnElement[bool] = false()


def of_nobody(_asker: Asker, _way: Way) -> ColumnElement[bool]:
    """Objects of this kind are never granted."""
    return false()


def by_no_door(_asker: Asker) -> ColumnElement[bool]:
    """Nobody comes to objects of this kind from outside."""
    return false()


def not_allowed(_action: Action) -> StoreError:
    """What is raised where nobody who sees an object may do that to it."""
    return NotAllowed("You may see this, but not do that with it.")


@dataclass(frozen=True)
class Source(Generic[R]):
    """Where objects of a kind lie, and which columns are the facts that policy asks for.

    id: what bound keys know them by. named: how they are looked up, if not by id alone.
    exists: whether a row counts at all.
    missing, barred: what is raised for an object that is hidden, or seen and not for this action.
    """

    kind: Kind
    row: type[R]
    id: InstrumentedAttribute[str]
    workspace_id: SQLColumnExpression[str] | SQLColumnExpression[str | None]
    owned_by: Callable[[str], ColumnElement[bool]]
    missing: Callable[[str], StoreError]
    barred: Callable[[Action], StoreError] = not_allowed
    named: Callable[[str], ColumnElement[bool]] | None = None
    exists: ColumnElement[bool] = _ALWAYS
    is_open: ColumnElement[bool] = _NEVER
    is_public: ColumnElement[bool] = _NEVER
    linked: Linked = by_no_door
    granted: Granted = of_nobody

    def is_named(self, name: str) -> ColumnElement[bool]:
        """Whether a row is the one that a caller means."""
        return self.id == name if self.named is None else self.named(name)


def may(asker: Asker, action: Action, source: Source[R]) -> ColumnElement[bool]:
    """Whether `allowed` would say yes to a row of the source, as a condition of a query."""
    ways = [
        way_holds(asker, way, source) for way in Way if action in opened(asker, source.kind, way)
    ]
    return and_(source.exists, is_in_reach(asker, source), or_(false(), *ways))


def is_in_reach(asker: Asker, source: Source[R]) -> ColumnElement[bool]:
    """Whether a bound key may touch the row at all."""
    return true() if asker.reach is None else source.id.in_(asker.reach)


def way_holds(asker: Asker, way: Way, source: Source[R]) -> ColumnElement[bool]:
    """Whether a way leads from the asker to a row."""
    if way is Way.OPERATOR:
        return true() if asker.is_operator else false()
    if way is Way.PUBLIC:
        return source.is_public
    if way is Way.LINKED:
        return source.linked(asker)
    return and_(source.workspace_id == asker.workspace_id, _inside(asker, way, source))


def _inside(asker: Asker, way: Way, source: Source[R]) -> ColumnElement[bool]:
    if way is Way.RUNS:
        return true() if asker.runs_workspace else false()
    if way is Way.OWNS:
        return source.owned_by(asker.member_id)
    if way is Way.BELONGS:
        return true()
    return source.is_open if way is Way.OPEN else source.granted(asker, way)


def granted_on(kind: Kind, object_id: InstrumentedAttribute[str]) -> Granted:
    """Whether a grant row on the object reaches the asker, by itself or through a group."""

    def granted(asker: Asker, way: Way) -> ColumnElement[bool]:
        reaches = or_(Grant.member_id == asker.member_id, Grant.group_id.in_(asker.group_ids))
        return (
            select(Grant.id)
            .where(Grant.kind == kind.value, Grant.object_id == object_id, reaches)
            .where(Grant.powers.contains([POWER_OF[way]]))
            .exists()
        )

    return granted
