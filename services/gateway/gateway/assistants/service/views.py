"""Assistants as the API shows them, and their drafts as they are stored."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from contracts.assistants import (
    AssistantFields,
    AssistantModify,
    AssistantVersionView,
    AssistantView,
    FileSearchResources,
    ToolResources,
    Visibility,
)
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.clock import unix_seconds
from gateway.db import Transaction

_NULLABLE = frozenset({"model", "temperature", "top_p", "category", "accent"})


def assistant_view(
    assistant: Assistant, version: AssistantVersion | None, epochs: Mapping[str, int]
) -> AssistantView:
    """An assistant as its workspace sees it. epochs: of its collections, as they are now."""
    fields = fields_of(assistant)
    draft_epochs = {key: epochs[key] for key in read_by(fields) if key in epochs}
    return AssistantView(
        **fields.model_dump(exclude={"slug"}),
        id=assistant.id,
        slug=assistant.slug,
        revision=assistant.draft_revision,
        visibility=Visibility(assistant.visibility),
        created_at=unix_seconds(assistant.created_at),
        published_version=assistant.published_version,
        taken_down_at=None
        if assistant.taken_down_at is None
        else unix_seconds(assistant.taken_down_at),
        can_undo_restore=can_undo_restore(assistant),
        # New knowledge is a change too: published versions read their collections as frozen.
        has_unpublished_changes=version is None
        # Read, not as stored: former releases wrote fewer fields.
        or AssistantFields.model_validate(version.definition) != fields
        or version.epochs != draft_epochs,
    )


async def viewed(tx: Transaction, assistant: Assistant) -> AssistantView:
    """An assistant as its workspace sees it, looked up."""
    repository = AssistantRepository(tx)
    versions = await repository.current_versions([assistant])
    epochs = await repository.epochs(assistant.workspace_id, collections_of([assistant]))
    return assistant_view(assistant, versions.get(assistant.id), epochs)


def can_undo_restore(assistant: Assistant) -> bool:
    """Whether the draft is still that of a restored version, and what it replaced is kept."""
    is_kept = assistant.replaced_draft is not None
    return is_kept and assistant.replaced_at == assistant.draft_changed_at


def version_view(
    version: AssistantVersion, default_model: str, names: Mapping[str, str]
) -> AssistantVersionView:
    """A frozen version. names: of the members of the workspace, by id."""
    fields = AssistantFields.model_validate(version.definition)
    return AssistantVersionView(
        assistant_id=version.assistant_id,
        version=version.version,
        created_at=unix_seconds(version.created_at),
        created_by=version.created_by,
        created_by_name=names.get(version.created_by),
        note=version.note,
        name=fields.name,
        instructions=fields.instructions,
        model=fields.model or default_model,
        epochs=version.epochs,
    )


def changed(fields: AssistantFields, changes: AssistantModify) -> AssistantFields:
    """The draft after the changes."""
    given = changes.model_dump(exclude_unset=True, exclude={"revision"})
    # A null empties what may be empty; elsewhere it means "leave it".
    kept = {key: value for key, value in given.items() if value is not None or key in _NULLABLE}
    return AssistantFields.model_validate({**fields.model_dump(), **kept})


def fields_of(assistant: Assistant) -> AssistantFields:
    """The draft."""
    return AssistantFields.model_validate(assistant.draft)


def draft_of(fields: AssistantFields) -> dict[str, Any]:
    """The draft as it is stored."""
    return fields.model_dump(mode="json", include=set(AssistantFields.model_fields) - {"slug"})


def read_by(fields: AssistantFields) -> list[str]:
    """The collections a definition reads: none without the file_search tool."""
    return fields.tool_resources.file_search.vector_store_ids if fields.tools else []


def named_in(fields: AssistantFields) -> list[str]:
    """The collections a definition names, read or not."""
    return fields.tool_resources.file_search.vector_store_ids


def only_reading(fields: AssistantFields, collection_ids: Collection[str]) -> AssistantFields:
    """The same definition without the collections that are not among these."""
    kept = [found for found in named_in(fields) if found in collection_ids]
    return naming(fields, kept)


def naming(fields: AssistantFields, collection_ids: list[str]) -> AssistantFields:
    """The same definition with these collections."""
    resources = ToolResources(file_search=FileSearchResources(vector_store_ids=collection_ids))
    return fields.model_copy(update={"tool_resources": resources})


def collections_of(assistants: Iterable[Assistant]) -> set[str]:
    """The collections that any of the drafts reads."""
    return {found for assistant in assistants for found in read_by(fields_of(assistant))}
