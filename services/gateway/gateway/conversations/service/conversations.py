"""A member's conversations: begun, listed, read, deleted."""

from contracts.conversations import ConversationCreate, ConversationView, MessageView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.conversations.errors import ConversationNotFound
from gateway.conversations.repository import (
    ConversationRepository,
    Partner,
    TurnRepository,
)
from gateway.conversations.service.views import conversation_view, message_view
from gateway.conversations.tables import Conversation
from gateway.db import Database, Transaction
from gateway.paging import PageRequest, as_page


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
            created_at=now,
            updated_at=now,
        )
        async with self._database.transaction() as tx:
            ConversationRepository(tx).add(conversation)
        return conversation_view(conversation, Partner(assistant.name, assistant.workspace_id))

    async def list(self, caller: Caller, page: PageRequest) -> Page[ConversationView]:
        """The caller's conversations."""
        async with self._database.transaction() as tx:
            repository = ConversationRepository(tx)
            rows = await repository.page_of_member(caller.member_id, caller.workspace_id, page)
            partners = await repository.partners(rows.rows)
        return as_page(
            rows, lambda row: conversation_view(row, partners[row.id]), lambda view: view.id
        )

    async def get(self, caller: Caller, conversation_id: str) -> ConversationView:
        """One of them."""
        async with self._database.transaction() as tx:
            conversation = await own_conversation(tx, caller, conversation_id)
            partners = await ConversationRepository(tx).partners([conversation])
        return conversation_view(conversation, partners[conversation.id])

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
            conversation = await own_conversation(tx, caller, conversation_id, for_update=True)
            conversation.deleted_at = now
            turns = TurnRepository(tx)
            running = await turns.running_in(conversation.id)
            if running is not None:
                await turns.ask_to_stop(running.id, now)
        return Deleted(id=conversation_id, object="conversation.deleted")


async def own_conversation(
    tx: Transaction, caller: Caller, conversation_id: str, *, for_update: bool = False
) -> Conversation:
    """The caller's own conversation. Raises ConversationNotFound."""
    found = await ConversationRepository(tx).of_member(
        caller.member_id, caller.workspace_id, conversation_id, for_update=for_update
    )
    if found is None:
        raise ConversationNotFound(f"There is no conversation {conversation_id}.")
    return found
