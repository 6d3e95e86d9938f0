"""The store's first shelf, as operators choose it."""

from contracts.moderation import Featured, FeaturedWrite
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.catalog.repository.listings import LISTINGS
from gateway.catalog.service.listings import shown
from gateway.db import Database
from gateway.moderation.repository import CaseRepository, FeaturedRepository
from gateway.moderation.service.judging import check_keeps_store
from gateway.policy.loading import load
from gateway.policy.words import Action


class FeaturingService:
    """Shows the shelf, and fills it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shelf(self, caller: Caller) -> Featured:
        """What stands there and is public now."""
        async with self._database.transaction() as tx:
            ids = await FeaturedRepository(tx).ids()
            return Featured(data=await shown(tx, caller, ids))

    async def fill(self, caller: Caller, wanted: FeaturedWrite) -> Featured:
        """Put these there, in this order. Raises StoreNotYours, ListingNotFound."""
        check_keeps_store(caller)
        async with self._database.transaction() as tx:
            await CaseRepository(tx).one_by_one("featured")
            found = [await load(tx, caller, Action.USE, LISTINGS, slug) for slug in wanted.slugs]
            ids = list(dict.fromkeys(each.id for each in found))
            repository = FeaturedRepository(tx)
            if ids != list(await repository.ids()):
                await repository.replace(ids)
                Acts(tx).record_judgement(
                    Act.STORE_FEATURED, caller, "store", " ".join(each.slug for each in found)
                )
            return Featured(data=await shown(tx, caller, ids))
