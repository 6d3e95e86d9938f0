"""Assistants as answering runs them: what a version or a draft says, and what it may read.

An assistant reads with the rights of its owner, as they are at this moment. Who asks it, who edits
it and who published it does not matter: what was shared with the owner and is so no longer is read
by nobody any more, whatever a version froze.
"""

from collections.abc import Sequence

from contracts.assistants import AssistantFields, Visibility
from contracts.principal import CollectionGrant
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.rules import RunnableAssistant, current_grants, frozen_grants
from gateway.assistants.service.views import fields_of, read_by
from gateway.assistants.tables import Assistant
from gateway.db import Transaction
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.policy.loading import permitted
from gateway.policy.roster import Roster
from gateway.policy.words import Action


async def runnable_draft(
    tx: Transaction, roster: Roster, assistant: Assistant
) -> RunnableAssistant:
    """The draft, which reads its collections as they stand."""
    fields = fields_of(assistant)
    wanted = read_by(fields)
    readable = await readable_by_owner(tx, roster, assistant, wanted)
    grants = current_grants(wanted, readable)
    return _as_runnable(assistant, None, fields, bool(wanted), grants)


async def runnable(tx: Transaction, roster: Roster, assistant: Assistant) -> RunnableAssistant:
    """A published assistant, of whatever workspace."""
    version = (await AssistantRepository(tx).current_versions([assistant]))[assistant.id]
    fields = AssistantFields.model_validate(version.definition)
    readable = await readable_by_owner(tx, roster, assistant, list(version.epochs))
    grants = frozen_grants(version.epochs, readable)
    return _as_runnable(assistant, version.version, fields, bool(version.epochs), grants)


async def named(tx: Transaction, assistants: Sequence[Assistant]) -> list[RunnableAssistant]:
    """Published assistants for a list: what they are called, without leave to read anything."""
    versions = await AssistantRepository(tx).current_versions(assistants)
    made = []
    for assistant in assistants:
        version = versions[assistant.id]
        fields = AssistantFields.model_validate(version.definition)
        made.append(_as_runnable(assistant, version.version, fields, bool(version.epochs), ()))
    return made


async def readable_by_owner(
    tx: Transaction, roster: Roster, assistant: Assistant, collection_ids: Sequence[str]
) -> set[str]:
    """Those of the collections that the assistant may read now."""
    if not collection_ids:
        return set()
    owner = await roster.rights(tx, assistant.workspace_id, assistant.owner_id)
    return await permitted(tx, owner, Action.USE, COLLECTIONS, collection_ids)


def _as_runnable(
    assistant: Assistant,
    version: int | None,
    fields: AssistantFields,
    is_grounded: bool,
    grants: tuple[CollectionGrant, ...],
) -> RunnableAssistant:
    return RunnableAssistant(
        id=assistant.id,
        slug=assistant.slug,
        name=fields.name,
        description=fields.description,
        starters=tuple(fields.starters),
        avatar=fields.avatar,
        workspace_id=assistant.workspace_id,
        is_public=assistant.visibility == Visibility.PUBLIC,
        version=version,
        model=fields.model,
        instructions=fields.instructions,
        temperature=fields.temperature,
        top_p=fields.top_p,
        not_found_words=fields.not_found_words,
        grounding_mode=fields.grounding_mode,
        variables=tuple(fields.variables),
        answer_language=fields.answer_language,
        retrieval=fields.retrieval,
        is_grounded=is_grounded,
        grants=grants,
        created_at=assistant.created_at,
    )
