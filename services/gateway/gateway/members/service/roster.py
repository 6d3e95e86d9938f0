"""Who is in a workspace, for features that accounts itself stands on."""

from collections.abc import Collection

from contracts.accounts import Power
from gateway.accounts.repository import AccountRepository
from gateway.db import Transaction
from gateway.members.repository import MemberRepository
from gateway.policy.repository.grants import groups_of
from gateway.policy.rules import Asker


class WorkspaceRoster:
    """Answers as `gateway.policy.roster.Roster`; nothing is cached."""

    async def rights(self, tx: Transaction, workspace_id: str, member_id: str) -> Asker:
        """A member's rights; of one who has left or is suspended, those that anybody would have."""
        standing = await AccountRepository(tx).standing(member_id, workspace_id)
        if standing is None:
            # What they made stays the workspace's: it reads what the whole workspace reads.
            return Asker(member_id="", workspace_id=workspace_id, power=Power.MEMBER)
        return Asker(
            member_id=member_id,
            workspace_id=workspace_id,
            power=Power(standing.power),
            group_ids=await groups_of(tx, workspace_id, member_id),
        )

    async def names(
        self, tx: Transaction, workspace_id: str, member_ids: Collection[str]
    ) -> dict[str, str]:
        """member id -> name, of those who are in the workspace."""
        return await MemberRepository(tx).names(workspace_id, member_ids)
