"""A member's conversations: begun, listed, read, deleted."""

from collections.abc import Iterable

from contracts.conversations import ConversationCreate, ConversationView, MessageView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.assistants.filling import checked_values
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.conversations.repository import (
    CONVERSATIONS,
    ConversationRepository,
    Partner,
    TurnRepository,
)
from gateway.conversations.service.views import conversation_view, message_view
from gateway.conversations.tables import Conversation
from gateway.db import Database, Transaction
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import Hold, load, permitted
from gateway.policy.words import Action


class ConversationService:
    """What a member does with conversations. Nobody sees another's."""

    def __init__(
        self, database: Database, assistants: AssistantService, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._assistants = assistants
        self._clock = clock

    async def begin(self, caller: Caller, create: ConversationCreate) -> ConversationView:
        """Open a conversation with an assistant, or with its draft."""
        assistant = await self._assistants.resolve(caller, create.assistant_id, draft=create.draft)
        now = self._clock()
        conversation = Conversation(
            id=new_id("conv_"),
            workspace_id=caller.workspace_id,
            member_id=caller.member_id,
            assistant_id=assistant.id,
            assistant_version=assistant.version,
            title="",
            variables=checked_values(assistant.variables, create.variables),
            created_at=now,
            updated_at=now,
        )
        reads = frozenset(grant.collection_id for grant in assistant.grants)
        partner = Partner(assistant.name, assistant.workspace_id, reads)
        async with self._database.transaction() as tx:
            ConversationRepository(tx).add(conversation)
            readable = await readable_collections(tx, caller, [partner])
        return conversation_view(conversation, partner, readable)

    async def list(self, caller: Caller, page: PageRequest) -> Page[ConversationView]:
        """The caller's conversations."""
        async with self._database.transaction() as tx:
            repository = ConversationRepository(tx)
            rows = await repository.seen_by(caller, page)
            partners = await repository.partners(rows.rows)
            readable = await readable_collections(tx, caller, partners.values())
        return as_page(
            rows,
            lambda row: conversation_view(row, partners[row.id], readable),
            lambda view: view.id,
        )

    async def get(self, caller: Caller, conversation_id: str) -> ConversationView:
        """One of them."""
        async with self._database.transaction() as tx:
            conversation = await own_conversation(tx, caller, conversation_id)
            partners = await ConversationRepository(tx).partners([conversation])
            readable = await readable_collections(tx, caller, partners.values())
        return conversation_view(conversation, partners[conversation.id], readable)

    async def messages(
        self, caller: Caller, conversation_id: str, page: PageRequest
    ) -> Page[MessageView]:
        """What was said."""
        async with self._database.transaction() as tx:
            conversation = await own_conversation(tx, caller, conversation_id)
            await TurnRepository(tx).fail_overdue(conversation.id, self._clock())
            rows = await ConversationRepository(tx).messages(conversation.id, page)
        return as_page(rows, message_view, lambda view: view.id)

    async def delete(self, caller: Caller, conversation_id: str) -> Deleted:
        """Hide a conversation at once; an answer in the making is stopped."""
        now = self._clock()
        async with self._database.transaction() as tx:
            conversation = await load(
                tx, caller, Action.DELETE, CONVERSATIONS, conversation_id, Hold.ALONE
            )
            conversation.deleted_at = now
            turns = TurnRepository(tx)
            running = await turns.running_in(conversation.id)
            if running is not None:
                await turns.ask_to_stop(running.id, now)
        return Deleted(id=conversation_id, object="conversation.deleted")


async def readable_collections(
    tx: Transaction, caller: Caller, partners: Iterable[Partner]
) -> set[str]:
    """The collections of these assistants whose files the caller may open from a citation."""
    ids = [found for partner in partners for found in partner.collection_ids]
    return await permitted(tx, caller, Action.DOWNLOAD, COLLECTIONS, ids)


async def own_conversation(tx: Transaction, caller: Caller, conversation_id: str) -> Conversation:
    """The caller's own conversation. Raises ConversationNotFound."""
    return await load(tx, caller, Action.SEE, CONVERSATIONS, conversation_id)
