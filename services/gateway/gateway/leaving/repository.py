"""Reads what belongs to a member, and erases it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Delete, Select, Update, delete, func, select, update

from gateway.accounts.tables import Key, Member, Session, Workspace
from gateway.assistants.tables import (
    Assistant,
    AssistantVersion,
    Avatar,
    AvatarUpload,
    Link,
    LinkFollower,
)
from gateway.catalog.tables import ListingPerson, ListingPrint, ListingScore, Rating
from gateway.conversations.tables import (
    Conversation,
    Feedback,
    Folder,
    Message,
    Turn,
    TurnContext,
)
from gateway.credentials.tables import Ticket
from gateway.db import Transaction
from gateway.knowledge.rules import ATTACHED_PURPOSE
from gateway.knowledge.tables import Collection, Document, File
from gateway.members.tables import Invite
from gateway.moderation.tables import Case, FeaturedSlot, Report, Takedown
from gateway.policy.tables import Grant, Group, GroupMember
from gateway.shares.tables import Share

MOST_ROWS = 100_000
"""Of one kind in an export; nobody has so many by hand."""


class BelongingsRepository:
    """What is a member's own, inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def keys(self, member_id: str) -> Sequence[Key]:
        """Keys, revoked ones too."""
        query = select(Key).where(Key.member_id == member_id).order_by(Key.id).limit(MOST_ROWS)
        return (await self._tx.scalars(query)).all()

    async def assistants(self, member_id: str) -> Sequence[Assistant]:
        """Assistants they own."""
        query = select(Assistant).where(
            Assistant.owner_id == member_id, Assistant.deleted_at.is_(None)
        )
        return (await self._tx.scalars(query.order_by(Assistant.id).limit(MOST_ROWS))).all()

    async def collections(self, member_id: str) -> Sequence[Collection]:
        """Collections they own; what is attached to a conversation is none."""
        query = select(Collection).where(
            Collection.owner_id == member_id,
            Collection.deleted_at.is_(None),
            Collection.conversation_id.is_(None),
        )
        return (await self._tx.scalars(query.order_by(Collection.id).limit(MOST_ROWS))).all()

    async def files(self, member_id: str) -> Sequence[File]:
        """Files they uploaded; those attached to a conversation while that is there."""
        query = select(File).where(
            File.owner_id == member_id,
            File.deleted_at.is_(None),
            (File.purpose != ATTACHED_PURPOSE) | File.id.in_(_attached_files()),
        )
        return (await self._tx.scalars(query.order_by(File.id).limit(MOST_ROWS))).all()

    async def conversations(self, member_id: str) -> Sequence[Conversation]:
        """Their conversations, in whatever workspace; of temporary ones nothing is kept."""
        query = select(Conversation).where(
            Conversation.member_id == member_id,
            Conversation.deleted_at.is_(None),
            Conversation.expires_at.is_(None),
        )
        return (await self._tx.scalars(query.order_by(Conversation.id).limit(MOST_ROWS))).all()

    async def folder_names(self, member_id: str) -> dict[str, str]:
        """folder id -> name."""
        query = select(Folder.id, Folder.name).where(Folder.member_id == member_id)
        return {row[0]: row[1] for row in await self._tx.execute(query.limit(MOST_ROWS))}

    async def messages(self, conversation_id: str) -> Sequence[Message]:
        """What was said in one of them, the oldest first."""
        query = select(Message).where(Message.conversation_id == conversation_id)
        return (await self._tx.scalars(query.order_by(Message.id).limit(MOST_ROWS))).all()

    async def feedback(self, conversation_id: str) -> dict[str, Feedback]:
        """message id -> what they said of that answer, in one of their conversations."""
        query = (
            select(Feedback)
            .join(Message, Message.id == Feedback.message_id)
            .where(Message.conversation_id == conversation_id)
        )
        found = await self._tx.scalars(query.limit(MOST_ROWS))
        return {each.message_id: each for each in found}

    async def shares(self, conversation_id: str) -> Sequence[Share]:
        """What others see of one of their conversations, behind links."""
        query = select(Share).where(Share.conversation_id == conversation_id)
        return (await self._tx.scalars(query.order_by(Share.id).limit(MOST_ROWS))).all()

    async def attached(self, conversation_id: str) -> Sequence[str]:
        """The ids of the files attached to one of them."""
        query = _attached_files().where(Conversation.id == conversation_id)
        return (await self._tx.scalars(query.order_by(Document.file_id))).all()

    async def conversation_ids(self, member_id: str) -> Sequence[str]:
        """Every conversation of theirs, deleted ones too."""
        query = select(Conversation.id).where(Conversation.member_id == member_id)
        return (await self._tx.scalars(query)).all()

    async def ratings(self, member_id: str) -> Sequence[Rating]:
        """What they gave listings of the store."""
        query = select(Rating).where(Rating.member_id == member_id)
        return (await self._tx.scalars(query.order_by(Rating.id).limit(MOST_ROWS))).all()

    async def reports(self, member_id: str) -> Sequence[tuple[str, Report]]:
        """What they reported of the store: the assistant's id, and the report."""
        query = select(Case.assistant_id, Report).join(Case, Case.id == Report.case_id)
        ordered = query.where(Report.member_id == member_id).order_by(Report.id).limit(MOST_ROWS)
        return [(row[0], row[1]) for row in await self._tx.execute(ordered)]

    async def used_listings(self, member_id: str) -> Sequence[ListingPerson]:
        """Which published assistants answered them, and how often."""
        query = select(ListingPerson).where(ListingPerson.member_id == member_id)
        ordered = query.order_by(ListingPerson.assistant_id).limit(MOST_ROWS)
        return (await self._tx.scalars(ordered)).all()

    async def workspace_collections(self, workspace_id: str) -> Sequence[Collection]:
        """All collections of a workspace."""
        query = select(Collection).where(
            Collection.workspace_id == workspace_id, Collection.deleted_at.is_(None)
        )
        return (await self._tx.scalars(query.order_by(Collection.id))).all()

    async def workspace_files(self, workspace_id: str) -> Sequence[File]:
        """All files of a workspace, held until this commit."""
        query = select(File).where(File.workspace_id == workspace_id, File.deleted_at.is_(None))
        return (await self._tx.scalars(query.order_by(File.id).with_for_update())).all()


def _attached_files() -> Select[str]:
    return (
        select(Document.file_id)
        .join(Collection, Collection.id == Document.collection_id)
        .join(Conversation, Conversation.id == Collection.conversation_id)
        .where(Document.deleted_at.is_(None), Conversation.deleted_at.is_(None))
    )


class EraserRepository:
    """Takes away for good, inside one transaction. Ledger rows stay, and name nobody."""

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._tx = tx
        self._now = now

    async def conversations(
        self, *, member_id: str | None = None, workspace_id: str | None = None
    ) -> None:
        """What a member said, or what was said in a workspace. Bare rows stay for the ledger."""
        condition = (
            Conversation.member_id == member_id
            if workspace_id is None
            else Conversation.workspace_id == workspace_id
        )
        ids = select(Conversation.id).where(condition)
        # Held before their turns, as the writers of answers do: else one of us would be undone.
        await self._tx.execute(ids.order_by(Conversation.id).with_for_update(key_share=True))
        turns = select(Turn.id).where(Turn.conversation_id.in_(ids))
        await self._do(
            delete(TurnContext).where(TurnContext.turn_id.in_(turns)),
            delete(Message).where(Message.conversation_id.in_(ids)),
            delete(Turn).where(Turn.conversation_id.in_(ids)),
            update(Conversation)
            .where(condition)
            .values(
                title="",
                variables={},
                last_message_id=None,
                folder_id=None,
                deleted_at=self._now,
                erased_at=self._now,
            ),
            delete(Folder).where(
                Folder.member_id == member_id
                if workspace_id is None
                else Folder.workspace_id == workspace_id
            ),
        )

    async def workspace(self, workspace_id: str) -> None:
        """What a workspace holds besides collections and files, and its name."""
        assistants = select(Assistant.id).where(Assistant.workspace_id == workspace_id)
        groups = select(Group.id).where(Group.workspace_id == workspace_id)
        await self._do(
            update(AssistantVersion)
            .where(AssistantVersion.assistant_id.in_(assistants))
            .values(definition={}, note=""),
            delete(Avatar).where(Avatar.assistant_id.in_(assistants)),
            delete(AvatarUpload).where(AvatarUpload.assistant_id.in_(assistants)),
            delete(Link).where(Link.assistant_id.in_(assistants)),
            delete(Grant).where(Grant.object_id.in_(assistants)),
            # Ratings go with the people who gave them; they belong to listings that are no more.
            delete(ListingPerson).where(ListingPerson.assistant_id.in_(assistants)),
            update(ListingScore)
            .where(ListingScore.similar_to.in_(assistants))
            .values(similar_to=None),
            delete(ListingScore).where(ListingScore.assistant_id.in_(assistants)),
            delete(ListingPrint).where(ListingPrint.assistant_id.in_(assistants)),
            delete(FeaturedSlot).where(FeaturedSlot.assistant_id.in_(assistants)),
            # Their reports go with the cases.
            delete(Case).where(Case.assistant_id.in_(assistants)),
            delete(Takedown).where(Takedown.assistant_id.in_(assistants)),
            delete(Grant).where(Grant.group_id.in_(groups)),
            delete(GroupMember).where(GroupMember.group_id.in_(groups)),
            delete(Group).where(Group.workspace_id == workspace_id),
            update(Assistant)
            .where(Assistant.workspace_id == workspace_id)
            .values(
                deleted_at=func.coalesce(Assistant.deleted_at, self._now),
                slug=Assistant.id,
                draft={},
                replaced_draft=None,
                former_slug=None,
            ),
            update(Invite)
            .where(Invite.workspace_id == workspace_id, Invite.ended_at.is_(None))
            .values(ended_at=self._now),
            update(Workspace)
            .where(Workspace.id == workspace_id)
            .values(name="", deleted_at=self._now),
        )

    async def uses(self, member_id: str) -> None:
        """What they used in the store and gave it; the listings are counted again."""
        used = select(ListingPerson.assistant_id).where(ListingPerson.member_id == member_id)
        held = (
            select(ListingScore)
            .where(ListingScore.assistant_id.in_(used))
            # In the order of the counting task, so that neither waits for the other's.
            .order_by(ListingScore.assistant_id)
            .with_for_update(key_share=True)
        )
        for score in await self._tx.scalars(held):
            score.counted_at = None
        await self._do(delete(ListingPerson).where(ListingPerson.member_id == member_id))

    async def member(self, member_id: str, email: str) -> None:
        """The person: what is left is an id. The address is free for a new account."""
        await self._do(
            delete(Session).where(Session.member_id == member_id),
            delete(Ticket).where(Ticket.member_id == member_id),
            delete(Report).where(Report.member_id == member_id),
            delete(Grant).where(Grant.member_id == member_id),
            delete(GroupMember).where(GroupMember.member_id == member_id),
            delete(LinkFollower).where(LinkFollower.member_id == member_id),
            update(Invite)
            .where(Invite.email == email)
            .values(email="", ended_at=func.coalesce(Invite.ended_at, self._now)),
            update(Key)
            .where(Key.member_id == member_id)
            .values(name="", revoked_at=func.coalesce(Key.revoked_at, self._now)),
            update(Member)
            .where(Member.id == member_id)
            .values(
                email=f"deleted:{member_id}",
                name="",
                password_hash="",
                is_operator=False,
                deleted_at=self._now,
            ),
        )

    async def _do(self, *changes: Delete | Update) -> None:
        for change in changes:
            await self._tx.execute(change)
