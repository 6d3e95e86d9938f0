"""Which collections a draft may name: those that its builder and its owner may let it read."""

from collections.abc import Sequence

from contracts.assistants import AssistantFields
from contracts.errors import StoreError
from gateway.assistants.errors import OwnerMayNotRead
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.service.running import readable_by_owner
from gateway.assistants.service.views import fields_of, named_in
from gateway.assistants.tables import Assistant
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.policy.loading import load, permitted
from gateway.policy.roster import Roster
from gateway.policy.words import Action

_PARAM = "tool_resources.file_search.vector_store_ids"


async def check_added(
    tx: Transaction, caller: Caller, fields: AssistantFields, before: AssistantFields | None
) -> None:
    """Whoever puts a collection into a draft may let assistants read it.

    Also while the tool is switched off: it could be switched on by a change that names none.
    """
    known = set() if before is None else set(named_in(before))
    for collection_id in named_in(fields):
        if collection_id in known:
            continue
        try:
            await load(tx, caller, Action.USE, COLLECTIONS, collection_id)
        except StoreError as error:
            error.param = _PARAM
            raise


async def readable_by_both(
    tx: Transaction,
    roster: Roster,
    caller: Caller,
    assistant: Assistant,
    wanted: Sequence[str],
) -> set[str]:
    """Those of the collections that the assistant may read, and that the caller may give it, or
    that its draft names already."""
    owned = await readable_by_owner(tx, roster, assistant, wanted)
    given = await permitted(tx, caller, Action.USE, COLLECTIONS, wanted)
    return owned & (given | set(named_in(fields_of(assistant))))


async def check_owner_reads(
    tx: Transaction, roster: Roster, assistant: Assistant, wanted: Sequence[str]
) -> dict[str, int]:
    """collection id -> epoch of all that a draft names. Raises OwnerMayNotRead."""
    readable = await readable_by_owner(tx, roster, assistant, wanted)
    for collection_id in wanted:
        if collection_id not in readable:
            raise OwnerMayNotRead(
                f"There is no vector store {collection_id} that the assistant's owner may use: "
                "an assistant reads with its owner's rights.",
                param=_PARAM,
            )
    return await AssistantRepository(tx).epochs(assistant.workspace_id, wanted)
