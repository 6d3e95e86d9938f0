"""Who may read, use and change a collection."""

from contracts.files import CollectionView
from contracts.sharing import CollectionGrant, CollectionSharing, SharingView
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.db import Database, Transaction
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.knowledge.service.views import EMPTY, collection_view
from gateway.knowledge.tables import Collection
from gateway.policy.loading import Hold, load
from gateway.policy.repository.grants import Shared
from gateway.policy.roster import Roster
from gateway.policy.service.sharing import SharingDesk
from gateway.policy.words import Action, Kind


class CollectionSharingService:
    """Shares collections. It holds from the next request on, for running assistants too."""

    def __init__(self, database: Database, roster: Roster) -> None:
        self._database = database
        self._desk = SharingDesk(roster)

    async def share(
        self, caller: Caller, collection_id: str, wanted: CollectionSharing
    ) -> CollectionView:
        """Say who may read it, let assistants read it, or change it."""
        async with self._database.transaction() as tx:
            collection = await _shareable(tx, caller, collection_id)
            collection.visibility = wanted.visibility
            await self._desk.change(tx, _shared(collection), wanted.members, wanted.groups)
            Acts(tx).record(Act.COLLECTION_SHARED, caller, collection.id)
            contents = await CollectionRepository(tx).contents([collection.id])
            return collection_view(collection, contents.get(collection.id, EMPTY))

    async def grant(
        self, caller: Caller, collection_id: str, grantee_id: str, wanted: CollectionGrant
    ) -> SharingView:
        """Let one more do something with it, whatever others change meanwhile."""
        async with self._database.transaction() as tx:
            collection = await _shareable(tx, caller, collection_id)
            await self._desk.grant(tx, _shared(collection), grantee_id, wanted.powers)
            Acts(tx).record(Act.COLLECTION_SHARED, caller, collection.id)
            return await self._desk.view(tx, _shared(collection), collection.visibility)

    async def take(self, caller: Caller, collection_id: str, grantee_id: str) -> SharingView:
        """Take everything from one of them."""
        async with self._database.transaction() as tx:
            collection = await _shareable(tx, caller, collection_id)
            await self._desk.take(tx, _shared(collection), grantee_id)
            Acts(tx).record(Act.COLLECTION_SHARED, caller, collection.id)
            return await self._desk.view(tx, _shared(collection), collection.visibility)

    async def sharing(self, caller: Caller, collection_id: str) -> SharingView:
        """With whom it is shared."""
        async with self._database.transaction() as tx:
            collection = await _shareable(tx, caller, collection_id)
            return await self._desk.view(tx, _shared(collection), collection.visibility)


async def _shareable(tx: Transaction, caller: Caller, collection_id: str) -> Collection:
    return await load(tx, caller, Action.SHARE, COLLECTIONS, collection_id, Hold.ALONE)


def _shared(collection: Collection) -> Shared:
    return Shared(Kind.COLLECTION, collection.id, collection.workspace_id)
