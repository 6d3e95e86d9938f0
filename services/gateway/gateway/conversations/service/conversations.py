"""A member's conversations: begun, listed, read, put in order, deleted and had back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from contracts.conversations import (
    BranchChoice,
    ConversationCreate,
    ConversationModify,
    ConversationView,
    MessageView,
)
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.assistants.filling import checked_values
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.conversations.errors import ConversationIsTemporary, MessageNotFound
from gateway.conversations.repository.branches import BranchRepository
from gateway.conversations.repository.conversations import ConversationRepository, Partner
from gateway.conversations.repository.erasing import ErasingRepository
from gateway.conversations.repository.feedback import FeedbackRepository
from gateway.conversations.repository.sources import CONVERSATIONS, FOLDERS, RESTORABLE
from gateway.conversations.repository.turns import TurnRepository
from gateway.conversations.rules import Wanted
from gateway.conversations.service.ending import forget
from gateway.conversations.service.views import conversation_view, message_view
from gateway.conversations.tables import Conversation
from gateway.db import Database, Transaction
from gateway.knowledge.repository.attached import AttachedRepository
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import Hold, load, permitted
from gateway.policy.words import Action
from gateway.settings import ConversationLimits
from gateway.signed_in import MembersOnly
from gateway.turn_stream import TurnStream
from gateway.usage.repository import LedgerRepository


class ConversationService:
    """What a member does with conversations. Nobody sees another's."""

    def __init__(
        self,
        database: Database,
        assistants: AssistantService,
        stream: TurnStream,
        limits: ConversationLimits,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._assistants = assistants
        self._stream = stream
        self._limits = limits
        self._clock = clock

    async def begin(self, caller: Caller, create: ConversationCreate) -> ConversationView:
        """Open a conversation with an assistant, or with its draft. Raises MembersOnly."""
        if caller.visits is not None and (create.draft or create.temporary):
            raise MembersOnly("Sign in to do this: a guest's talk is as its assistant says.")
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
            expires_at=self._end_of_temporary() if create.temporary else None,
            shows_unanswered=self._limits.shows_unanswered
            and not create.temporary
            and caller.visits is None
            and assistant.tells_builders(caller.workspace_id),
            created_at=now,
            updated_at=now,
        )
        reads = frozenset(grant.collection_id for grant in assistant.grants)
        partner = Partner(assistant.name, assistant.workspace_id, reads, assistant.avatar)
        async with self._database.transaction() as tx:
            ConversationRepository(tx).add(conversation)
            readable = await readable_collections(tx, caller, [partner])
        return conversation_view(conversation, partner, readable, (), self._limits)

    async def list(
        self, caller: Caller, wanted: Wanted, page: PageRequest
    ) -> Page[ConversationView]:
        """The caller's conversations."""
        async with self._database.transaction() as tx:
            repository = ConversationRepository(tx)
            rows = await repository.seen_by(caller, wanted, page)
            partners = await repository.partners(rows.rows)
            readable = await readable_collections(tx, caller, partners.values())
            attached = await AttachedRepository(tx).file_ids([row.id for row in rows.rows])
        return as_page(
            rows,
            lambda row: conversation_view(
                row, partners[row.id], readable, attached.get(row.id, ()), self._limits
            ),
            lambda view: view.id,
        )

    async def get(self, caller: Caller, conversation_id: str) -> ConversationView:
        """One of them."""
        async with self._database.transaction() as tx:
            conversation = await own_conversation(tx, caller, conversation_id)
            return await self._view(tx, caller, conversation)

    async def modify(
        self, caller: Caller, conversation_id: str, changes: ConversationModify
    ) -> ConversationView:
        """Rename it, pin it, put it into a folder. Raises ConversationIsTemporary."""
        sent = changes.model_fields_set
        async with self._database.transaction() as tx:
            conversation = await load(
                tx, caller, Action.EDIT, CONVERSATIONS, conversation_id, Hold.ALONE
            )
            if conversation.expires_at is not None:
                raise ConversationIsTemporary("A temporary conversation is in no list.")
            if changes.title is not None:
                conversation.title = changes.title
            if changes.pinned is not None:
                conversation.pinned_at = self._clock() if changes.pinned else None
            if changes.folder_id is not None:
                folder = await load(tx, caller, Action.USE, FOLDERS, changes.folder_id, Hold.SHARED)
                conversation.folder_id = folder.id
            elif "folder_id" in sent:
                conversation.folder_id = None
            return await self._view(tx, caller, conversation)

    async def choose_branch(
        self, caller: Caller, conversation_id: str, choice: BranchChoice
    ) -> ConversationView:
        """Show the branch through a message from now on. Raises MessageNotFound."""
        async with self._database.transaction() as tx:
            conversation = await load(
                tx, caller, Action.EDIT, CONVERSATIONS, conversation_id, Hold.ALONE
            )
            end = await BranchRepository(tx).end_below(conversation.id, choice.message_id)
            if end is None:
                raise MessageNotFound(
                    f"There is no message {choice.message_id} here.", param="message_id"
                )
            conversation.last_message_id = end
            return await self._view(tx, caller, conversation)

    async def messages(
        self, caller: Caller, conversation_id: str, page: PageRequest
    ) -> Page[MessageView]:
        """What was said on the branch that is shown."""
        async with self._database.transaction() as tx:
            conversation = await own_conversation(tx, caller, conversation_id)
            await TurnRepository(tx).fail_overdue(conversation.id, self._clock())
            branches = BranchRepository(tx)
            rows = await branches.shown(conversation, page)
            ids = [row.id for row in rows.rows]
            siblings = await branches.siblings(conversation.id, ids)
            said = await FeedbackRepository(tx).of(ids)
            answers = {row.id: row.turn_id for row in rows.rows if row.role == "assistant"}
            # What an answer cost is the affair of those who pay for it.
            paid = answers.values() if caller.visits is None else ()
            charged = await LedgerRepository(tx).of_requests(paid)
        return as_page(
            rows,
            lambda row: message_view(
                row, siblings[row.id], said.get(row.id), charged.get(answers.get(row.id, ""))
            ),
            lambda view: view.id,
        )

    async def delete(self, caller: Caller, conversation_id: str) -> Deleted:
        """Hide a conversation at once; an answer in the making is stopped. A temporary one is
        erased, and cannot be had back."""
        now, ended = self._clock(), list[str]()
        async with self._database.transaction() as tx:
            conversation = await load(
                tx, caller, Action.DELETE, CONVERSATIONS, conversation_id, Hold.ALONE
            )
            conversation.deleted_at = now
            turns = TurnRepository(tx)
            running = await turns.running_in(conversation.id)
            if running is not None:
                await turns.ask_to_stop(running.id, now)
            if conversation.expires_at is not None:
                ended += await ErasingRepository(tx).erase([conversation], now)
        await forget(self._stream, ended)
        return Deleted(id=conversation_id, object="conversation.deleted")

    async def restore(self, caller: Caller, conversation_id: str) -> ConversationView:
        """Have a deleted conversation back, until it is erased; one that is there stays."""
        async with self._database.transaction() as tx:
            conversation = await load(
                tx, caller, Action.EDIT, RESTORABLE, conversation_id, Hold.ALONE
            )
            conversation.deleted_at = None
            return await self._view(tx, caller, conversation)

    async def _view(
        self, tx: Transaction, caller: Caller, conversation: Conversation
    ) -> ConversationView:
        partners = await ConversationRepository(tx).partners([conversation])
        readable = await readable_collections(tx, caller, partners.values())
        attached = await AttachedRepository(tx).file_ids([conversation.id])
        file_ids = attached.get(conversation.id, ())
        partner = partners[conversation.id]
        return conversation_view(conversation, partner, readable, file_ids, self._limits)

    def _end_of_temporary(self) -> datetime:
        return self._clock() + timedelta(hours=self._limits.temporary_hours)


async def readable_collections(
    tx: Transaction, caller: Caller, partners: Iterable[Partner]
) -> set[str]:
    """The collections of these assistants whose files the caller may open from a citation."""
    ids = [found for partner in partners for found in partner.collection_ids]
    return await permitted(tx, caller, Action.DOWNLOAD, COLLECTIONS, ids)


async def own_conversation(tx: Transaction, caller: Caller, conversation_id: str) -> Conversation:
    """The caller's own conversation. Raises ConversationNotFound."""
    return await load(tx, caller, Action.SEE, CONVERSATIONS, conversation_id)
