"""Assistants as answering runs them: what a version or a draft says, and what it may read."""

from collections.abc import Sequence

from contracts.assistants import AssistantFields, Visibility
from contracts.principal import CollectionGrant
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.rules import RunnableAssistant, current_grants, frozen_grants
from gateway.assistants.service.views import fields_of, read_by
from gateway.assistants.tables import Assistant
from gateway.db import Transaction


async def runnable_draft(tx: Transaction, assistant: Assistant) -> RunnableAssistant:
    """The draft, which reads its collections as they stand."""
    fields = fields_of(assistant)
    wanted = read_by(fields)
    alive = await AssistantRepository(tx).epochs(assistant.workspace_id, wanted)
    return _as_runnable(assistant, None, fields, current_grants(wanted, set(alive)))


async def runnable(tx: Transaction, assistants: Sequence[Assistant]) -> list[RunnableAssistant]:
    """Published assistants, of whatever workspaces."""
    repository = AssistantRepository(tx)
    versions = await repository.current_versions(assistants)
    alive = await repository.alive({found for each in versions.values() for found in each.epochs})
    made = []
    for assistant in assistants:
        version = versions[assistant.id]
        fields = AssistantFields.model_validate(version.definition)
        # Only the collections of its own workspace, whatever a version may say.
        grants = frozen_grants(version.epochs, alive.get(assistant.workspace_id, set()))
        made.append(_as_runnable(assistant, version.version, fields, grants))
    return made


def _as_runnable(
    assistant: Assistant,
    version: int | None,
    fields: AssistantFields,
    grants: tuple[CollectionGrant, ...],
) -> RunnableAssistant:
    return RunnableAssistant(
        id=assistant.id,
        slug=assistant.slug,
        name=fields.name,
        description=fields.description,
        starters=tuple(fields.starters),
        workspace_id=assistant.workspace_id,
        is_public=assistant.visibility == Visibility.PUBLIC,
        version=version,
        model=fields.model,
        instructions=fields.instructions,
        temperature=fields.temperature,
        top_p=fields.top_p,
        not_found_words=fields.not_found_words,
        grants=grants,
        created_at=assistant.created_at,
    )
