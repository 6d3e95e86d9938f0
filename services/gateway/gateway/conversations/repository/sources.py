"""Where conversations and what is part of them lie, and which facts decide on them."""

from dataclasses import replace

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from contracts.conversations import TurnStatus
from gateway.conversations.errors import (
    ConversationNotFound,
    FolderNotFound,
    MessageNotFound,
    TurnNotFound,
)
from gateway.conversations.tables import Conversation, Folder, Message, Turn
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


def _missing_answer(message_id: str) -> MessageNotFound:
    return MessageNotFound(f"There is no finished answer {message_id}.")


def _of_its_conversation(column: InstrumentedAttribute[str]) -> ScalarSelect[str]:
    query = select(column).where(Conversation.id == Message.conversation_id, _IS_THERE)
    return query.scalar_subquery()


_WORKSPACE_OF_ANSWER = _of_its_conversation(Conversation.workspace_id)

ANSWERS = Source(
    kind=Kind.CONVERSATION,
    row=Message,
    id=Message.id,
    workspace_id=_WORKSPACE_OF_ANSWER,
    owned_by=lambda member_id: _of_its_conversation(Conversation.member_id) == member_id,
    missing=_missing_answer,
    exists=_WORKSPACE_OF_ANSWER.is_not(None)
    & (Message.role == "assistant")
    & (Message.status != TurnStatus.RUNNING.value),
)
"""An answer that has ended is found by its own id, and stands and falls with its conversation."""
