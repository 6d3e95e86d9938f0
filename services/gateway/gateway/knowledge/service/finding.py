"""What a caller may see and change, found or refused: the checks every verb begins with."""

from gateway.caller import Caller
from gateway.db import Transaction
from gateway.knowledge.errors import (
    CollectionNotFound,
    DocumentNotFound,
    FileNotFound,
    NotTheKeeper,
)
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.documents import DocumentRepository, Shown
from gateway.knowledge.repository.files import FileRepository, Hold
from gateway.knowledge.rules import may_change
from gateway.knowledge.tables import Collection, File


async def visible_file(
    tx: Transaction, caller: Caller, file_id: str, hold: Hold | None = None
) -> File:
    """A file of the caller's workspace."""
    file = await FileRepository(tx).find(caller.workspace_id, file_id, hold)
    if file is None:
        raise FileNotFound(f"There is no file {file_id}.")
    return file


async def visible_collection(tx: Transaction, caller: Caller, collection_id: str) -> Collection:
    """A collection of the caller's workspace."""
    collection = await CollectionRepository(tx).find(caller.workspace_id, collection_id)
    if collection is None:
        raise CollectionNotFound(f"There is no vector store {collection_id}.")
    return collection


async def changeable_collection(tx: Transaction, caller: Caller, collection_id: str) -> Collection:
    """A collection the caller may change."""
    collection = await visible_collection(tx, caller, collection_id)
    if not may_change(caller, collection.owner_id):
        raise NotTheKeeper("Only its owner or the workspace's admins can change this knowledge.")
    return collection


async def visible_document(
    tx: Transaction, caller: Caller, collection_id: str, file_id: str
) -> Shown:
    """A document of a collection of the caller's workspace."""
    await visible_collection(tx, caller, collection_id)
    shown = await DocumentRepository(tx).find(collection_id, file_id)
    if shown is None:
        raise DocumentNotFound(f"File {file_id} is not in vector store {collection_id}.")
    return shown
