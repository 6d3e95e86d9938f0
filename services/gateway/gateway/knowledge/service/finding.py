"""What a caller may see and change, found or refused: the checks every verb begins with."""

from gateway.caller import Caller
from gateway.db import Transaction
from gateway.knowledge.errors import DocumentNotFound, NotTheKeeper
from gateway.knowledge.repository.documents import DocumentRepository, Shown
from gateway.knowledge.repository.sources import COLLECTIONS, FILES
from gateway.knowledge.tables import Collection, File
from gateway.policy.loading import Hold, load, require
from gateway.policy.rules import here
from gateway.policy.words import Action, Kind


def check_may_make(caller: Caller, what: str) -> None:
    """Raises NotTheKeeper for guests, who make nothing."""
    refusal = NotTheKeeper(f"A guest cannot {what}.")
    require(caller, Action.CREATE, here(caller, Kind.WORKSPACE), refusal)


async def readable_file(
    tx: Transaction, caller: Caller, file_id: str, hold: Hold | None = None
) -> File:
    """A file whose bytes the caller may have."""
    return await load(tx, caller, Action.DOWNLOAD, FILES, file_id, hold)


async def collection_for(
    tx: Transaction, caller: Caller, action: Action, collection_id: str
) -> Collection:
    """A collection to which the caller may do this."""
    return await load(tx, caller, action, COLLECTIONS, collection_id)


async def changeable_collection(tx: Transaction, caller: Caller, collection_id: str) -> Collection:
    """A collection whose contents the caller may change."""
    return await collection_for(tx, caller, Action.EDIT, collection_id)


async def document_for(
    tx: Transaction, caller: Caller, action: Action, collection_id: str, file_id: str
) -> Shown:
    """A document of a collection to which the caller may do this."""
    await collection_for(tx, caller, action, collection_id)
    return await document_in(tx, collection_id, file_id)


async def document_in(tx: Transaction, collection_id: str, file_id: str) -> Shown:
    """A document of a collection that is loaded already."""
    shown = await DocumentRepository(tx).find(collection_id, file_id)
    if shown is None:
        raise DocumentNotFound(f"File {file_id} is not in vector store {collection_id}.")
    return shown
