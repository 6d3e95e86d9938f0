"""Assistants: a draft that builders edit, versions that people use."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contracts.assistants import (
    AssistantCreate,
    AssistantFields,
    AssistantModify,
    AssistantVersionView,
    AssistantView,
)
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from contracts.principal import CollectionGrant
from gateway.assistants.errors import (
    AssistantNotFound,
    NotPublished,
    NotTheBuilder,
    SlugTaken,
    UnknownCollection,
)
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.rules import (
    RunnableAssistant,
    current_grants,
    frozen_grants,
    may_change,
    slug_of,
    with_suffix,
)
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.paging import PageRequest, as_page

_NULLABLE = frozenset({"model", "temperature", "top_p"})


class AssistantService:
    """What people do with assistants, and what answering needs of them."""

    def __init__(self, database: Database, default_model: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._default_model = default_model
        self._clock = clock

    async def create(self, caller: Caller, fields: AssistantCreate) -> AssistantView:
        """Make an assistant whose draft starts with these fields."""
        if not caller.may_build:
            raise NotTheBuilder("A guest cannot make assistants.")
        async with self._database.transaction() as tx:
            await self._check_collections(tx, caller, fields)
            now, assistant_id = self._clock(), new_id("ast_")
            assistant = Assistant(
                id=assistant_id,
                workspace_id=caller.workspace_id,
                owner_id=caller.member_id,
                slug=await _free_slug(tx, fields, assistant_id),
                draft=_draft_of(fields),
                created_at=now,
                draft_changed_at=now,
            )
            AssistantRepository(tx).add(assistant)
            return await self._view(tx, assistant)

    async def list(self, caller: Caller, page: PageRequest) -> Page[AssistantView]:
        """The assistants of the caller's workspace."""
        async with self._database.transaction() as tx:
            repository = AssistantRepository(tx)
            rows = await repository.of_workspace(caller.workspace_id, page)
            versions = await repository.current_versions(rows.rows)
            epochs = await repository.epochs(caller.workspace_id, _collections_of(rows.rows))
        return as_page(
            rows,
            lambda assistant: _as_view(assistant, versions.get(assistant.id), epochs),
            lambda view: view.id,
        )

    async def get(self, caller: Caller, id_or_slug: str) -> AssistantView:
        """One assistant, draft and all."""
        async with self._database.transaction() as tx:
            return await self._view(tx, await _visible(tx, caller, id_or_slug))

    async def modify(
        self, caller: Caller, id_or_slug: str, changes: AssistantModify
    ) -> AssistantView:
        """Change some fields of the draft; what is published stays as it is."""
        async with self._database.transaction() as tx:
            assistant = await _changeable(tx, caller, id_or_slug)
            fields = _changed(AssistantFields.model_validate(assistant.draft), changes)
            if changes.tool_resources is not None:
                await self._check_collections(tx, caller, fields)
            assistant.draft = _draft_of(fields)
            assistant.draft_changed_at = self._clock()
            return await self._view(tx, assistant)

    async def publish(self, caller: Caller, id_or_slug: str) -> AssistantView:
        """Freeze the draft, and the epoch of each collection it reads, as the next version."""
        async with self._database.transaction() as tx:
            assistant = await _changeable(tx, caller, id_or_slug)
            fields = AssistantFields.model_validate(assistant.draft)
            epochs = await self._check_collections(tx, caller, fields)
            now = self._clock()
            assistant.published_version = (assistant.published_version or 0) + 1
            assistant.published_at = now
            AssistantRepository(tx).add(
                AssistantVersion(
                    assistant_id=assistant.id,
                    version=assistant.published_version,
                    definition=assistant.draft,
                    epochs=epochs,
                    created_by=caller.member_id,
                    created_at=now,
                )
            )
            await AssistantRepository(tx).flush()
            return await self._view(tx, assistant)

    async def versions(
        self, caller: Caller, id_or_slug: str, page: PageRequest
    ) -> Page[AssistantVersionView]:
        """The published versions, newest first unless asked otherwise."""
        async with self._database.transaction() as tx:
            assistant = await _visible(tx, caller, id_or_slug)
            rows = await AssistantRepository(tx).versions(assistant.id, page)
        return as_page(rows, self._version_view, lambda view: str(view.version))

    async def delete(self, caller: Caller, id_or_slug: str) -> Deleted:
        """Withdraw it from everybody. Its ledger rows stay."""
        async with self._database.transaction() as tx:
            assistant = await _changeable(tx, caller, id_or_slug)
            assistant.deleted_at = self._clock()
            assistant.slug = assistant.id  # the readable slug is free again
            return Deleted(id=assistant.id, object="assistant.deleted")

    async def resolve(self, caller: Caller, id_or_slug: str, draft: bool) -> RunnableAssistant:
        """The assistant as it may be run: its published version, or the draft for its builders."""
        async with self._database.transaction() as tx:
            assistant = await _visible(tx, caller, id_or_slug)
            if draft:
                if not may_change(caller, assistant.owner_id):
                    raise NotTheBuilder("Only its builders can run a draft.")
                return await _runnable_draft(tx, assistant)
            if assistant.published_version is None:
                raise NotPublished(f"Assistant {assistant.slug} has not been published yet.")
            return (await _runnable(tx, [assistant]))[0]

    async def callable_by(self, caller: Caller) -> Sequence[RunnableAssistant]:
        """Every published assistant the caller may run."""
        async with self._database.transaction() as tx:
            published = await AssistantRepository(tx).published(caller.workspace_id)
            return await _runnable(tx, published)

    async def _check_collections(
        self, tx: Transaction, caller: Caller, fields: AssistantFields
    ) -> dict[str, int]:
        wanted = _read_by(fields)
        epochs = await AssistantRepository(tx).epochs(caller.workspace_id, wanted)
        for collection_id in wanted:
            if collection_id not in epochs:
                raise UnknownCollection(
                    f"There is no vector store {collection_id}.",
                    param="tool_resources.file_search.vector_store_ids",
                )
        return epochs

    async def _view(self, tx: Transaction, assistant: Assistant) -> AssistantView:
        repository = AssistantRepository(tx)
        versions = await repository.current_versions([assistant])
        epochs = await repository.epochs(assistant.workspace_id, _collections_of([assistant]))
        return _as_view(assistant, versions.get(assistant.id), epochs)

    def _version_view(self, version: AssistantVersion) -> AssistantVersionView:
        fields = AssistantFields.model_validate(version.definition)
        return AssistantVersionView(
            assistant_id=version.assistant_id,
            version=version.version,
            created_at=unix_seconds(version.created_at),
            name=fields.name,
            instructions=fields.instructions,
            model=fields.model or self._default_model,
            epochs=version.epochs,
        )


async def _visible(
    tx: Transaction, caller: Caller, id_or_slug: str, *, for_update: bool = False
) -> Assistant:
    found = await AssistantRepository(tx).find(
        caller.workspace_id, id_or_slug, for_update=for_update
    )
    if found is None:
        raise AssistantNotFound(f"There is no assistant {id_or_slug}.")
    return found


async def _changeable(tx: Transaction, caller: Caller, id_or_slug: str) -> Assistant:
    assistant = await _visible(tx, caller, id_or_slug, for_update=True)
    if not may_change(caller, assistant.owner_id):
        raise NotTheBuilder("Only its owner or the workspace's admins can change an assistant.")
    return assistant


async def _free_slug(tx: Transaction, fields: AssistantFields, assistant_id: str) -> str:
    repository = AssistantRepository(tx)
    if fields.slug is not None:
        if await repository.is_slug_taken(fields.slug):
            raise SlugTaken(f"The slug {fields.slug} is taken.", param="slug")
        return fields.slug
    slug = slug_of(fields.name, assistant_id)
    return with_suffix(slug, assistant_id) if await repository.is_slug_taken(slug) else slug


async def _runnable_draft(tx: Transaction, assistant: Assistant) -> RunnableAssistant:
    fields = AssistantFields.model_validate(assistant.draft)
    wanted = _read_by(fields)
    alive = await AssistantRepository(tx).epochs(assistant.workspace_id, wanted)
    return _as_runnable(assistant, None, fields, current_grants(wanted, set(alive)))


async def _runnable(
    tx: Transaction, assistants: Sequence[Assistant]
) -> Sequence[RunnableAssistant]:
    """Published assistants (of one workspace) as they run."""
    if not assistants:
        return []
    repository = AssistantRepository(tx)
    versions = await repository.current_versions(assistants)
    wanted = {found for version in versions.values() for found in version.epochs}
    alive = set(await repository.epochs(assistants[0].workspace_id, wanted))
    runnable = []
    for assistant in assistants:
        version = versions[assistant.id]
        fields = AssistantFields.model_validate(version.definition)
        grants = frozen_grants(version.epochs, alive)
        runnable.append(_as_runnable(assistant, version.version, fields, grants))
    return runnable


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
        workspace_id=assistant.workspace_id,
        version=version,
        model=fields.model,
        instructions=fields.instructions,
        temperature=fields.temperature,
        top_p=fields.top_p,
        not_found_words=fields.not_found_words,
        grants=grants,
        created_at=assistant.created_at,
    )


def _as_view(
    assistant: Assistant, version: AssistantVersion | None, epochs: Mapping[str, int]
) -> AssistantView:
    fields = AssistantFields.model_validate(assistant.draft)
    draft_epochs = {key: epochs[key] for key in _read_by(fields) if key in epochs}
    return AssistantView(
        **fields.model_dump(exclude={"slug"}),
        id=assistant.id,
        slug=assistant.slug,
        created_at=unix_seconds(assistant.created_at),
        published_version=assistant.published_version,
        # New knowledge is a change too: published versions read their collections as frozen.
        has_unpublished_changes=version is None
        or version.definition != assistant.draft
        or version.epochs != draft_epochs,
    )


def _changed(fields: AssistantFields, changes: AssistantModify) -> AssistantFields:
    given = changes.model_dump(exclude_unset=True)
    # A null empties what may be empty; elsewhere it means "leave it".
    kept = {key: value for key, value in given.items() if value is not None or key in _NULLABLE}
    return AssistantFields.model_validate({**fields.model_dump(), **kept})


def _draft_of(fields: AssistantFields) -> dict[str, Any]:
    return fields.model_dump(mode="json", include=set(AssistantFields.model_fields) - {"slug"})


def _read_by(fields: AssistantFields) -> list[str]:
    """The collections a definition reads: none without the file_search tool."""
    return fields.tool_resources.file_search.vector_store_ids if fields.tools else []


def _collections_of(assistants: Iterable[Assistant]) -> set[str]:
    drafts = (AssistantFields.model_validate(found.draft) for found in assistants)
    return {collection_id for draft in drafts for collection_id in _read_by(draft)}
