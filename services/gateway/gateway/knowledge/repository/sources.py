"""Which facts decide on collections and files."""

from sqlalchemy import ColumnElement, column, false, select, table

from gateway.knowledge.errors import (
    CollectionNotFound,
    FileNotFound,
    NotTheKeeper,
    NotTheReader,
)
from gateway.knowledge.rules import ATTACHED_PURPOSE
from gateway.knowledge.tables import Collection, Document, File
from gateway.policy.repository.conditions import Source, granted_on, may
from gateway.policy.rules import Asker
from gateway.policy.words import Action, Kind, Way

_TO_READ = (Action.LIST, Action.DOWNLOAD, Action.USE)


def _missing_collection(collection_id: str) -> CollectionNotFound:
    return CollectionNotFound(f"There is no vector store {collection_id}.")


def _barred_collection(action: Action) -> NotTheReader | NotTheKeeper:
    if action in _TO_READ:
        return NotTheReader("You may know that this vector store exists, but not read it.")
    return NotTheKeeper("Only its owner or the workspace's admins can change this knowledge.")


COLLECTIONS = Source(
    kind=Kind.COLLECTION,
    row=Collection,
    id=Collection.id,
    workspace_id=Collection.workspace_id,
    owned_by=lambda member_id: Collection.owner_id == member_id,
    missing=_missing_collection,
    barred=_barred_collection,
    exists=Collection.deleted_at.is_(None) & Collection.conversation_id.is_(None),
    is_open=Collection.visibility == "workspace",
    granted=granted_on(Kind.COLLECTION, Collection.id),
)

# Conversations stand on knowledge, so their tables cannot be imported back.
_TALKS = table("conversations", column("id"), column("member_id"), column("deleted_at"))
_THEIR_TALK = select(_TALKS.c.id).where(
    _TALKS.c.id == Collection.conversation_id, _TALKS.c.deleted_at.is_(None)
)

ATTACHED = Source(
    kind=Kind.CONVERSATION,
    row=Collection,
    id=Collection.id,
    workspace_id=Collection.workspace_id,
    owned_by=lambda member_id: _THEIR_TALK.where(_TALKS.c.member_id == member_id).exists(),
    missing=_missing_collection,
    exists=Collection.deleted_at.is_(None) & _THEIR_TALK.exists(),
)
"""What is attached to conversations: a part of them, so theirs alone whose conversation it is,
whoever runs the workspace. To `COLLECTIONS` it does not exist."""


def opens(asker: Asker) -> ColumnElement[bool]:
    """Whether the asker may open what stands in a collection, as a condition of a query."""
    return may(asker, Action.DOWNLOAD, COLLECTIONS) | may(asker, Action.USE, ATTACHED)


def _granted_file(asker: Asker, way: Way) -> ColumnElement[bool]:
    """A file is read by whoever may read a collection that holds it."""
    if way is not Way.GRANTED_DOWNLOAD:
        return false()
    readable = select(Collection.id).where(may(asker, Action.DOWNLOAD, COLLECTIONS))
    return (
        select(Document.id)
        .where(Document.file_id == File.id, Document.deleted_at.is_(None))
        .where(Document.collection_id.in_(readable))
        .exists()
    )


def _missing_file(file_id: str) -> FileNotFound:
    return FileNotFound(f"There is no file {file_id}.")


def _barred_file(_action: Action) -> NotTheKeeper:
    return NotTheKeeper("Only its owner or the workspace's admins can delete a file.")


FILES = Source(
    kind=Kind.FILE,
    row=File,
    id=File.id,
    workspace_id=File.workspace_id,
    owned_by=lambda member_id: File.owner_id == member_id,
    missing=_missing_file,
    barred=_barred_file,
    exists=File.deleted_at.is_(None) & (File.purpose != ATTACHED_PURPOSE),
    granted=_granted_file,
)
