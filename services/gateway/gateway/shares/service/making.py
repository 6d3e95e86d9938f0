"""What a member does with links to their conversations."""

from contracts.conversations import Siblings, TurnStatus
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from contracts.shares import ShareCreated, ShareView
from gateway.accounts.rules import new_token, token_hash
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.conversations.errors import ConversationIsTemporary, TurnInProgress
from gateway.conversations.repository.branches import BranchRepository
from gateway.conversations.repository.conversations import ConversationRepository
from gateway.conversations.repository.sources import CONVERSATIONS
from gateway.conversations.repository.turns import TurnRepository
from gateway.conversations.service.views import message_view
from gateway.conversations.tables import Conversation, Message
from gateway.db import Database, Transaction
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action
from gateway.shares.errors import TooLongToShare, TooManyShares
from gateway.shares.repository import SHARES, ShareRepository
from gateway.shares.rules import MOST_MESSAGES, MOST_SHARES, SHARE_PREFIX, kept_messages
from gateway.shares.tables import Share


class SharingService:
    """Makes links, tells of them, and ends them: for the member whose conversation it is."""

    def __init__(self, database: Database, web_url: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._web_url = web_url
        self._clock = clock

    async def share(self, caller: Caller, conversation_id: str) -> ShareCreated:
        """Keep what is shown now; its token is in this answer and nowhere else.

        Raises ConversationIsTemporary, TurnInProgress, NothingToShare, TooLongToShare,
        TooManyShares.
        """
        token, now = new_token(SHARE_PREFIX), self._clock()
        async with self._database.transaction() as tx:
            # Held, so that two windows at once do not make more links than there may be.
            conversation = await load(
                tx, caller, Action.SHARE, CONVERSATIONS, conversation_id, Hold.ALONE
            )
            if conversation.expires_at is not None:
                raise ConversationIsTemporary("Nothing is kept of a temporary conversation.")
            repository = ShareRepository(tx)
            if await repository.count(conversation) >= MOST_SHARES:
                raise TooManyShares(f"There are {MOST_SHARES} links already: revoke one first.")
            await TurnRepository(tx).fail_overdue(conversation.id, now)
            branch = await _branch(tx, conversation)
            kept = kept_messages([message_view(message, Siblings()) for message in branch])
            partner = (await ConversationRepository(tx).partners([conversation]))[conversation.id]
            share = Share(
                id=new_id("shr_"),
                workspace_id=caller.workspace_id,
                member_id=caller.member_id,
                conversation_id=conversation.id,
                message_id=branch[-1].id,
                token_hash=token_hash(token),
                assistant_name=partner.name,
                message_count=len(kept),
                messages=[each.model_dump(mode="json") for each in kept],
                created_at=now,
            )
            repository.add(share)
            Acts(tx).record(Act.SHARE_CREATED, caller, share.id)
        link = f"{self._web_url}/shared/{token}"
        return ShareCreated(**_view(share).model_dump(), token=token, link=link)

    async def list(
        self, caller: Caller, conversation_id: str, page: PageRequest
    ) -> Page[ShareView]:
        """The links to a conversation that still open it."""
        async with self._database.transaction() as tx:
            conversation = await load(tx, caller, Action.SEE, CONVERSATIONS, conversation_id)
            rows = await ShareRepository(tx).page(caller, conversation, page)
        return as_page(rows, _view, lambda view: view.id)

    async def revoke(self, caller: Caller, share_id: str) -> Deleted:
        """The link opens nothing from now on, and its snapshot is erased."""
        async with self._database.transaction() as tx:
            share = await load(tx, caller, Action.SHARE, SHARES, share_id, Hold.ALONE)
            await ShareRepository(tx).remove(share)
            Acts(tx).record(Act.SHARE_REVOKED, caller, share.id)
        return Deleted(id=share_id, object="conversation.share.deleted")


async def _branch(tx: Transaction, conversation: Conversation) -> list[Message]:
    """The branch that is shown, the oldest first."""
    whole = PageRequest(limit=MOST_MESSAGES, order="asc")
    rows = await BranchRepository(tx).shown(conversation, whole)
    if rows.has_more:
        raise TooLongToShare(f"A link shows at most {MOST_MESSAGES} messages.")
    if any(message.status == TurnStatus.RUNNING for message in rows.rows):
        raise TurnInProgress("This conversation is still being answered.", retry_after_seconds=2)
    return list(rows.rows)


def _view(share: Share) -> ShareView:
    return ShareView(
        id=share.id,
        conversation_id=share.conversation_id,
        message_count=share.message_count,
        created_at=unix_seconds(share.created_at),
    )
