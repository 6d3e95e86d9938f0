"""Conversations and messages in the API's shape."""

from collections.abc import Collection, Mapping, Sequence

from contracts.chat import Annotation, ChatUsage, TextSpan
from contracts.conversations import (
    ConversationFileView,
    ConversationView,
    FeedbackView,
    MessageView,
    Rating,
    Siblings,
    StepTaken,
    TurnStatus,
    TurnView,
)
from gateway.clock import unix_seconds
from gateway.conversations.repository.conversations import Partner
from gateway.conversations.tables import Conversation, Feedback, Message, Turn
from gateway.knowledge.repository.documents import Shown
from gateway.knowledge.rules import status_of
from gateway.knowledge.service.views import document_view
from gateway.money import money
from gateway.settings import ConversationLimits
from gateway.usage.tables import LedgerEntry


def opens_sources(conversation: Conversation, partner: Partner, readable: Collection[str]) -> bool:
    """Its member may open the documents that its assistant reads."""
    is_own = partner.workspace_id == conversation.workspace_id
    return is_own and partner.collection_ids.issubset(readable)


def conversation_view(
    conversation: Conversation,
    partner: Partner,
    readable: Collection[str],
    file_ids: Sequence[str],
    limits: ConversationLimits,
) -> ConversationView:
    """A conversation in a list. readable: the collections whose files its member may open.
    file_ids: of what is attached to it. limits: whether questions that found nothing are shown to
    builders, where their askers were told."""
    return ConversationView(
        id=conversation.id,
        assistant_id=conversation.assistant_id,
        assistant_name=partner.name,
        assistant_avatar=partner.avatar,
        assistant_version=conversation.assistant_version,
        opens_sources=opens_sources(conversation, partner, readable),
        file_ids=list(file_ids),
        title=conversation.title,
        variables=conversation.variables,
        last_message_id=conversation.last_message_id,
        folder_id=conversation.folder_id,
        pinned=conversation.pinned_at is not None,
        expires_at=None
        if conversation.expires_at is None
        else unix_seconds(conversation.expires_at),
        shows_unanswered=limits.shows_unanswered and conversation.shows_unanswered,
        created_at=unix_seconds(conversation.created_at),
        updated_at=unix_seconds(conversation.updated_at),
    )


def file_view(conversation_id: str, shown: Shown) -> ConversationFileView:
    """A file attached to a conversation."""
    document = document_view(shown)
    return ConversationFileView(
        id=document.id,
        conversation_id=conversation_id,
        created_at=document.created_at,
        filename=document.filename,
        bytes=document.usage_bytes,
        status=status_of(document.progress.stage),
        last_error=document.last_error,
        progress=document.progress,
        passage_count=document.passage_count,
    )


def feedback_view(feedback: Feedback, conversation_id: str) -> FeedbackView:
    """What was said of an answer."""
    return FeedbackView(
        id=feedback.id,
        message_id=feedback.message_id,
        conversation_id=conversation_id,
        rating=Rating(feedback.rating),
        comment=feedback.comment,
        correction=feedback.correction,
        created_at=unix_seconds(feedback.created_at),
        updated_at=unix_seconds(feedback.updated_at),
    )


def message_view(
    message: Message,
    siblings: Siblings,
    feedback: Feedback | None = None,
    charged: LedgerEntry | None = None,
) -> MessageView:
    """A message as people see it, where it stands among its siblings, what was said of it, and
    of an answer what it took. charged: the row of its model's call."""
    usage = message.usage or {}
    return MessageView(
        id=message.id,
        parent_id=message.parent_id,
        role="user" if message.role == "user" else "assistant",
        content=message.content,
        annotations=[Annotation.model_validate(each) for each in message.annotations],
        unsupported=[TextSpan.model_validate(each) for each in message.unsupported],
        status=TurnStatus(message.status),
        error=message.error,
        error_words=message.error_words,
        turn_id=message.turn_id,
        siblings=siblings,
        usage=None if message.usage is None else ChatUsage.model_validate(usage),
        steps=[StepTaken.model_validate(each) for each in usage.get("steps", ())],
        cost=None if charged is None else money(int(charged.amount_pico)),
        currency=None if charged is None else charged.currency,
        feedback=None if feedback is None else feedback_view(feedback, message.conversation_id),
        created_at=unix_seconds(message.created_at),
    )


def turn_view(
    turn: Turn,
    question: Message,
    answer: Message,
    siblings: Mapping[str, Siblings],
    feedback: Feedback | None = None,
    charged: LedgerEntry | None = None,
) -> TurnView:
    """A turn with both its messages. feedback: what was said of the answer; charged: its row."""
    return TurnView(
        id=turn.id,
        conversation_id=turn.conversation_id,
        question=message_view(question, siblings[question.id]),
        answer=message_view(answer, siblings[answer.id], feedback, charged),
    )
