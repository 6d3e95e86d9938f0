"""Deleting an account. What others work with is handed over, the rest goes for good.

A workspace of one's own goes with everything in it, vectors and bytes included. In a workspace
with others assistants, collections and files go to the owner who is there for longest.
Conversations go everywhere. Ledger rows stay: they name an id that leads to nobody.
"""

from pydantic import SecretStr

from contracts.accounts import Power
from contracts.lists import Deleted
from gateway.accounts.repository import AccountRepository
from gateway.accounts.service.sessions import SessionService
from gateway.accounts.tables import Workspace
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.blobs import Blobs
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.service.attached import forget_attached
from gateway.knowledge.service.hiding import hide_documents
from gateway.leaving.errors import StillOperator, StillOwner
from gateway.leaving.repository import BelongingsRepository, EraserRepository
from gateway.outbox.service import Bell
from gateway.visit import Visit
from gateway.workspaces.repository import WorkspaceRepository
from gateway.workspaces.service.people import take_out


class DeletionService:
    """Ends accounts, for their owners alone."""

    def __init__(self, sessions: SessionService, blobs: Blobs, bell: Bell) -> None:
        self._sessions = sessions
        self._blobs = blobs
        self._bell = bell
        self._database = sessions.parts.database
        self._clock = sessions.parts.clock

    async def delete(self, caller: Caller, password: SecretStr, visit: Visit) -> Deleted:
        """All of it in one commit; vectors and bytes follow, as after every delete."""
        await self._sessions.check_password(caller, password, visit)
        async with self._database.transaction() as tx:
            await self._check_operators(tx, caller)
            unneeded: list[str] = []
            for place in await WorkspaceRepository(tx).places(caller.member_id):
                unneeded += await self._left(tx, caller, place.workspace, Power(place.power))
            eraser = EraserRepository(tx, self._clock())
            talks = await BelongingsRepository(tx).conversation_ids(caller.member_id)
            await eraser.conversations(member_id=caller.member_id)
            unneeded += await forget_attached(tx, talks, self._clock())
            await eraser.uses(caller.member_id)
            Acts(tx).record(Act.ACCOUNT_DELETED, caller, caller.member_id)
            await eraser.member(caller.member_id, caller.email)
        self._bell.ring()
        for key in unneeded:
            await self._blobs.remove(key)
        return Deleted(id=caller.member_id, object="member.deleted")

    async def _check_operators(self, tx: Transaction, caller: Caller) -> None:
        if not caller.is_operator:
            return
        repository = AccountRepository(tx)
        await repository.lock_operators()
        if await repository.other_operators(caller.member_id) == 0:
            raise StillOperator("Somebody must run this installation.")

    async def _left(
        self, tx: Transaction, caller: Caller, workspace: Workspace, power: Power
    ) -> list[str]:
        """Leave one workspace. The blobs that nothing needs any more."""
        repository, member_id = WorkspaceRepository(tx), caller.member_id
        await repository.lock(workspace.id)
        heir = await repository.first_owner(workspace.id, member_id)
        has_others = await repository.others(workspace.id, member_id) > 0
        if has_others and heir is None and power is Power.OWNER:
            raise StillOwner(f"Make somebody else an owner of {workspace.name} first.")
        if heir is not None:
            await take_out(tx, workspace.id, member_id, heir, self._clock)
            return []
        return await self._dissolved(tx, workspace.id, member_id)

    async def _dissolved(self, tx: Transaction, workspace_id: str, member_id: str) -> list[str]:
        now, belongings, files = self._clock(), BelongingsRepository(tx), FileRepository(tx)
        for collection in await belongings.workspace_collections(workspace_id):
            await hide_documents(tx, collection.id, now)
            collection.deleted_at, collection.name, collection.attributes = now, "", {}
        unneeded: list[str] = []
        for file in await belongings.workspace_files(workspace_id):
            file.deleted_at, file.filename = now, ""
            # Of the others the purge removes the bytes, when the last vector is gone.
            if not await files.has_versions_to_purge(file.id):
                unneeded.append(file.blob_key)
        eraser = EraserRepository(tx, now)
        await eraser.conversations(workspace_id=workspace_id)
        await eraser.workspace(workspace_id)
        await WorkspaceRepository(tx).remove(workspace_id, member_id)
        return unneeded
