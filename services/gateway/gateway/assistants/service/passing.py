"""Assistants that pass on: copied, given to somebody else, brought back after a delete."""

from datetime import timedelta

from contracts.accounts import Power
from contracts.assistants import AssistantView, Visibility
from contracts.versions import AssistantDuplicate, AssistantOutcome, AssistantTransfer
from gateway.assistants.errors import NewOwnerUnfit
from gateway.assistants.repository import AssistantRepository, AvatarRepository, even_deleted
from gateway.assistants.service.finding import changeable, visible
from gateway.assistants.service.making import check_may_make, make
from gateway.assistants.service.running import readable_by_owner
from gateway.assistants.service.views import fields_of, named_in, only_reading, viewed
from gateway.assistants.tables import Assistant
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.policy.errors import MemberNotFound
from gateway.policy.loading import Hold, load, permitted
from gateway.policy.refusals import Refusal, refused
from gateway.policy.roster import Roster
from gateway.policy.words import Action, Kind, Verdict

KEPT_DAYS = 30
"""For how long a deleted assistant can be brought back."""


class PassingService:
    """Copies, hands over and brings back."""

    def __init__(self, database: Database, roster: Roster, clock: Clock = utc_now) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock

    async def duplicate(
        self, caller: Caller, id_or_slug: str, wanted: AssistantDuplicate
    ) -> AssistantOutcome:
        """A private one of the caller's with the same draft. It reads the same collections, where
        the caller may let assistants read them; the others are left out.
        """
        async with self._database.transaction() as tx:
            original = await visible(tx, caller, id_or_slug)
            check_may_make(caller)
            fields = fields_of(original)
            known = named_in(fields)
            readable = await permitted(tx, caller, Action.USE, COLLECTIONS, known)
            fields = only_reading(fields, readable)
            fields = fields.model_copy(update={"name": wanted.name or fields.name, "slug": None})
            made = await make(tx, caller, fields, Visibility.PRIVATE, self._clock())
            if fields.avatar is not None:
                await AssistantRepository(tx).flush()
                await AvatarRepository(tx).copy(fields.avatar, original.id, made.id)
            Acts(tx).record(Act.ASSISTANT_DUPLICATED, caller, made.id)
            return AssistantOutcome(
                assistant=await viewed(tx, made),
                left_out=[found for found in known if found not in readable],
            )

    async def transfer(
        self, caller: Caller, id_or_slug: str, wanted: AssistantTransfer
    ) -> AssistantOutcome:
        """Make another member its owner. From this commit on it reads with their rights."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            await self._check_fit(tx, assistant, wanted.member_id)
            # Given to its owner again, nothing happens.
            if assistant.owner_id != wanted.member_id:
                assistant.owner_id = wanted.member_id
                Acts(tx).record(Act.ASSISTANT_TRANSFERRED, caller, assistant.id)
            known = named_in(fields_of(assistant))
            readable = await readable_by_owner(tx, self._roster, assistant, known)
            return AssistantOutcome(
                assistant=await viewed(tx, assistant),
                left_out=[found for found in known if found not in readable],
            )

    async def bring_back(self, caller: Caller, assistant_id: str) -> AssistantView:
        """Undo a delete of the last 30 days, with versions, grants and keys as they were."""
        async with self._database.transaction() as tx:
            source = even_deleted(self._clock() - timedelta(days=KEPT_DAYS))
            found = await load(tx, caller, Action.DELETE, source, assistant_id, Hold.ALONE)
            if found.deleted_at is None:
                return await viewed(tx, found)
            slug = found.former_slug
            is_free = slug is not None and not await AssistantRepository(tx).is_slug_taken(slug)
            found.slug = slug if slug is not None and is_free else found.id
            found.former_slug = found.deleted_at = None
            Acts(tx).record(Act.ASSISTANT_BROUGHT_BACK, caller, found.id)
            return await viewed(tx, found)

    async def _check_fit(self, tx: Transaction, assistant: Assistant, member_id: str) -> None:
        rights = await self._roster.rights(tx, assistant.workspace_id, member_id)
        # Whoever has left has rights too, under no id at all.
        if not member_id or rights.member_id != member_id:
            missing = MemberNotFound("There is no such active member here.", param="member_id")
            raise refused(missing, Refusal(Action.SEE, Kind.ROSTER, member_id, Verdict.HIDDEN))
        if rights.power is Power.GUEST:
            raise NewOwnerUnfit("A guest cannot own an assistant.", param="member_id")
