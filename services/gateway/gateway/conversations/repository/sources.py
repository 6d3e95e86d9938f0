"""Where conversations and what is part of them lie, and which facts decide on them."""

from dataclasses import replace

from sqlalchemy import func, or_, select

from gateway.conversations.errors import ConversationNotFound, FolderNotFound, TurnNotFound
from gateway.conversations.tables import Conversation, Folder, Turn
from gateway.policy.repository.conditions import Source
from gateway.policy.words import Kind


def _missing(conversation_id: str) -> ConversationNotFound:
    return ConversationNotFound(f"There is no conversation {conversation_id}.")


_IS_NOT_OVER = or_(Conversation.expires_at.is_(None), Conversation.expires_at > func.now())
_IS_THERE = Conversation.deleted_at.is_(None) & _IS_NOT_OVER

CONVERSATIONS = Source(
    kind=Kind.CONVERSATION,
    row=Conversation,
    id=Conversation.id,
    workspace_id=Conversation.workspace_id,
    owned_by=lambda member_id: Conversation.member_id == member_id,
    missing=_missing,
    exists=_IS_THERE,
)

RESTORABLE = replace(CONVERSATIONS, exists=Conversation.erased_at.is_(None) & _IS_NOT_OVER)
"""Those that are there, and those that were deleted and can still be had back."""


def _missing_folder(folder_id: str) -> FolderNotFound:
    return FolderNotFound(f"There is no folder {folder_id}.")


FOLDERS = Source(
    kind=Kind.CONVERSATION,
    row=Folder,
    id=Folder.id,
    workspace_id=Folder.workspace_id,
    owned_by=lambda member_id: Folder.member_id == member_id,
    missing=_missing_folder,
)
"""A folder is as much a member's own as the conversations in it."""


def _missing_turn(turn_id: str) -> TurnNotFound:
    return TurnNotFound(f"There is no turn {turn_id}.")


_WORKSPACE_OF_TURN = (
    select(Conversation.workspace_id)
    .where(Conversation.id == Turn.conversation_id, _IS_THERE)
    .scalar_subquery()
)

TURNS = Source(
    kind=Kind.CONVERSATION,
    row=Turn,
    id=Turn.id,
    workspace_id=_WORKSPACE_OF_TURN,
    owned_by=lambda member_id: Turn.member_id == member_id,
    missing=_missing_turn,
    exists=_WORKSPACE_OF_TURN.is_not(None),
)
"""A turn is found by its own id, and stands and falls with its conversation."""
