"""Who there is to have asked something, and how full the ledger is."""

from sqlalchemy import func, select

from gateway.accounts.tables import Key, Membership, Workspace
from gateway.assistants.tables import Assistant
from gateway.db import Transaction
from gateway.example_usage.rules import MARK, Cast
from gateway.usage.tables import LedgerEntry

_MOST_WORKSPACES, _MOST_OF_EACH = 5, 40


class CastRepository:
    """What is there, inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def ledger_rows(self) -> tuple[int, int]:
        """How many rows of the ledger are real, and how many examples."""
        is_example = LedgerEntry.request_id.startswith(MARK, autoescape=True)
        query = select(func.count().filter(~is_example), func.count().filter(is_example))
        real, examples = (await self._tx.execute(query.select_from(LedgerEntry))).one()
        return real, examples

    async def casts(self) -> list[Cast]:
        """The workspaces with people in them, the fullest first."""
        people = func.count(Membership.member_id)
        query = (
            select(Workspace.id)
            .join(Membership, Membership.workspace_id == Workspace.id)
            .where(Workspace.deleted_at.is_(None))
            .group_by(Workspace.id)
            .order_by(people.desc(), Workspace.id)
            .limit(_MOST_WORKSPACES)
        )
        return [await self._cast(each) for each in (await self._tx.scalars(query)).all()]

    async def _cast(self, workspace_id: str) -> Cast:
        members = (
            select(Membership.member_id)
            .where(Membership.workspace_id == workspace_id)
            .order_by(Membership.member_id)
        )
        assistants = (
            select(Assistant.id, Assistant.published_version)
            .where(Assistant.workspace_id == workspace_id, Assistant.deleted_at.is_(None))
            .order_by(Assistant.id)
        )
        keys = select(Key.id, Key.member_id).where(Key.workspace_id == workspace_id)
        found = await self._tx.execute(assistants.limit(_MOST_OF_EACH))
        held = await self._tx.execute(keys.order_by(Key.id).limit(_MOST_OF_EACH))
        return Cast(
            workspace_id=workspace_id,
            members=(await self._tx.scalars(members.limit(_MOST_OF_EACH))).all(),
            assistants=[(row[0], row[1]) for row in found],
            keys=[(row[0], row[1]) for row in held],
        )
