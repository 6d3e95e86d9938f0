"""Who is in a workspace: asked by features that accounts itself stands on, answered by accounts."""

from collections.abc import Collection
from typing import Protocol

from gateway.db import Transaction
from gateway.policy.rules import Asker


class Roster(Protocol):
    """The members of workspaces, as they are at this moment."""

    async def rights(self, tx: Transaction, workspace_id: str, member_id: str) -> Asker:
        """A member's rights; of one who has left or is suspended, those that anybody would have."""
        ...

    async def names(
        self, tx: Transaction, workspace_id: str, member_ids: Collection[str]
    ) -> dict[str, str]:
        """member id -> name, of those who are in the workspace."""
        ...
