"""What an export says of each thing: facts, never a secret."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.accounts.tables import Key
from gateway.assistants.tables import Assistant
from gateway.catalog.tables import ListingPerson, Rating
from gateway.clock import unix_seconds
from gateway.conversations.tables import Conversation, Feedback, Message
from gateway.knowledge.tables import Collection, File
from gateway.leaving.rules import file_path
from gateway.moderation.tables import Report
from gateway.shares.tables import Share


def fitting(files: Iterable[File], most_bytes: int) -> list[File]:
    """The first files that weigh no more than that together."""
    chosen, weight = [], 0
    for file in files:
        if weight + file.size_bytes <= most_bytes:
            chosen.append(file)
            weight += file.size_bytes
    return chosen


def key_facts(key: Key) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "workspace_id": key.workspace_id,
        "created_at": unix_seconds(key.created_at),
        "is_revoked": key.revoked_at is not None,
    }


def assistant_facts(assistant: Assistant) -> dict[str, Any]:
    """An assistant's draft and where it is."""
    return {
        "id": assistant.id,
        "slug": assistant.slug,
        "workspace_id": assistant.workspace_id,
        "visibility": assistant.visibility,
        "published_version": assistant.published_version,
        "created_at": unix_seconds(assistant.created_at),
        **assistant.draft,
    }


def collection_facts(collection: Collection) -> dict[str, Any]:
    """A collection's name and metadata."""
    return {
        "id": collection.id,
        "name": collection.name,
        "workspace_id": collection.workspace_id,
        "metadata": collection.attributes,
        "created_at": unix_seconds(collection.created_at),
    }


def file_facts(file: File, *, is_included: bool) -> dict[str, Any]:
    """An upload, and where it lies in the archive."""
    return {
        "id": file.id,
        "filename": file.filename,
        "media_type": file.media_type,
        "bytes": file.size_bytes,
        "sha256": file.sha256,
        "workspace_id": file.workspace_id,
        "created_at": unix_seconds(file.created_at),
        "path": file_path(file.id, file.filename) if is_included else None,
    }


def store_facts(used: Iterable[ListingPerson], ratings: Iterable[Rating]) -> list[dict[str, Any]]:
    """Which published assistants answered a member, and what they said of each."""
    given = {rating.assistant_id: rating for rating in ratings}
    return [
        {
            "assistant_id": each.assistant_id,
            "workspace_id": each.workspace_id,
            "first_used_at": unix_seconds(each.first_used_at),
            "last_used_at": unix_seconds(each.last_used_at),
            "conversations": each.conversations,
            "answers": each.answers,
            "rating": rating_facts(given[each.assistant_id])
            if each.assistant_id in given
            else None,
        }
        for each in used
    ]


def rating_facts(rating: Rating) -> dict[str, Any]:
    """Stars and review."""
    return {
        "stars": rating.stars,
        "review": rating.review,
        "created_at": unix_seconds(rating.created_at),
        "changed_at": unix_seconds(rating.changed_at),
    }


def report_facts(assistant_id: str, report: Report) -> dict[str, Any]:
    """What a member had against a listing."""
    return {
        "assistant_id": assistant_id,
        "reason": report.reason,
        "words": report.words,
        "created_at": unix_seconds(report.created_at),
        "changed_at": unix_seconds(report.changed_at),
    }


def feedback_facts(feedback: Feedback) -> dict[str, Any]:
    """What a member said of an answer."""
    return {
        "rating": feedback.rating,
        "comment": feedback.comment,
        "correction": feedback.correction,
        "updated_at": unix_seconds(feedback.updated_at),
    }


def share_facts(share: Share) -> dict[str, Any]:
    """A link to a conversation without its secret, and what it shows."""
    return {
        "id": share.id,
        "created_at": unix_seconds(share.created_at),
        "assistant_name": share.assistant_name,
        "messages": share.messages,
    }


def conversation_facts(
    conversation: Conversation,
    messages: Iterable[Message],
    feedback: Mapping[str, Feedback],
    folder: str | None,
) -> dict[str, Any]:
    """A conversation with all its branches. feedback: by message id. folder: the name of the one
    it lies in."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "assistant_id": conversation.assistant_id,
        "workspace_id": conversation.workspace_id,
        "folder": folder,
        "created_at": unix_seconds(conversation.created_at),
        "messages": [
            {
                "id": message.id,
                "parent_id": message.parent_id,
                "role": message.role,
                "content": message.content,
                "annotations": message.annotations,
                "feedback": feedback_facts(feedback[message.id])
                if message.id in feedback
                else None,
                "created_at": unix_seconds(message.created_at),
            }
            for message in messages
        ],
    }
