"""What a builder lets a listing show, and copies that others make of it."""

from contracts.assistants import AssistantFields, Visibility
from contracts.catalog import ListingChoices, ListingChoicesView, ListingCopied
from gateway.assistants.repository import AssistantRepository, AvatarRepository
from gateway.assistants.service.finding import changeable
from gateway.assistants.service.making import check_may_make, make
from gateway.assistants.service.views import named_in, only_reading
from gateway.assistants.tables import Assistant
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.catalog.errors import CopiesShowInstructions, NotToBeCopied
from gateway.catalog.repository.listings import LISTINGS, ListingRepository
from gateway.catalog.service.views import link_view
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.policy.loading import load, permitted
from gateway.policy.words import Action


class ChoiceService:
    """Says what a listing shows and allows; makes copies of those that allow it."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def of(self, caller: Caller, id_or_slug: str) -> ListingChoicesView:
        """What is shown and allowed now, for those who decide it."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            return await _viewed(tx, caller, assistant)

    async def choose(
        self, caller: Caller, id_or_slug: str, chosen: ListingChoices
    ) -> ListingChoicesView:
        """Show and allow this from now on. Raises CopiesShowInstructions."""
        if chosen.may_be_copied and not chosen.shows_instructions:
            raise CopiesShowInstructions(
                "Whoever makes a copy reads the instructions: show them, or allow no copies.",
                param="may_be_copied",
            )
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            assistant.shows_instructions = chosen.shows_instructions
            assistant.names_documents = chosen.names_documents
            assistant.may_be_copied = chosen.may_be_copied
            Acts(tx).record(Act.ASSISTANT_SHARED, caller, assistant.id)
            return await _viewed(tx, caller, assistant)

    async def copy(self, caller: Caller, slug: str) -> ListingCopied:
        """A private assistant of the caller's like the published one. It reads what of its
        knowledge the caller may let assistants read. Raises ListingNotFound, NotToBeCopied.
        """
        async with self._database.transaction() as tx:
            original = await load(tx, caller, Action.USE, LISTINGS, slug)
            if not (original.may_be_copied and original.shows_instructions):
                raise NotToBeCopied("Its builder lets nobody make copies of it.")
            check_may_make(caller)
            versions = await AssistantRepository(tx).current_versions([original])
            said = AssistantFields.model_validate(versions[original.id].definition)
            known = named_in(said)
            readable = await permitted(tx, caller, Action.USE, COLLECTIONS, known)
            # What programs keep with it is its builder's own, and no listing shows it.
            fields = only_reading(said, readable).model_copy(update={"slug": None, "metadata": {}})
            made = await make(tx, caller, fields, Visibility.PRIVATE, self._clock())
            made.made_from = original.id
            if fields.avatar is not None:
                await AssistantRepository(tx).flush()
                await AvatarRepository(tx).copy(fields.avatar, original.id, made.id)
            Acts(tx).record(Act.ASSISTANT_DUPLICATED, caller, made.id)
            return ListingCopied(assistant_id=made.id, left_out=len(set(known) - readable))


async def _viewed(tx: Transaction, caller: Caller, assistant: Assistant) -> ListingChoicesView:
    original, found = assistant.made_from, None
    if original is not None:
        found = (await ListingRepository(tx).cards(caller, [original])).get(original)
    return ListingChoicesView(
        assistant_id=assistant.id,
        shows_instructions=assistant.shows_instructions,
        names_documents=assistant.names_documents,
        may_be_copied=assistant.may_be_copied,
        made_from=link_view(found),
    )
