"""Versions of assistants: looked at, compared, noted on, restored."""

import asyncio
from collections.abc import Iterable, Sequence

from contracts.assistants import AssistantFields, AssistantVersionView, AssistantView
from contracts.lists import Page
from contracts.versions import (
    DRAFT,
    AssistantComparison,
    AssistantOutcome,
    AssistantVersionDetail,
    VersionCollection,
    VersionModify,
)
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.service.finding import changeable, visible
from gateway.assistants.service.making import redraft
from gateway.assistants.service.reading import readable_by_both
from gateway.assistants.service.views import (
    can_undo_restore,
    draft_of,
    fields_of,
    named_in,
    only_reading,
    read_by,
    version_view,
    viewed,
)
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import permitted
from gateway.policy.roster import Roster
from gateway.policy.words import Action
from gateway.versions.errors import NothingToUndo, VersionNotFound
from gateway.versions.repository import VersionRepository
from gateway.versions.rules import setting_changes, spans_of, text_hunks, version_number
from gateway.versions.service.files import frozen_collection, told_changes


class VersionService:
    """What builders do with the versions of an assistant."""

    def __init__(
        self, database: Database, roster: Roster, default_model: str, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._roster = roster
        self._default_model = default_model
        self._clock = clock

    async def list(
        self, caller: Caller, id_or_slug: str, page: PageRequest
    ) -> Page[AssistantVersionView]:
        """The published versions, newest first unless asked otherwise."""
        async with self._database.transaction() as tx:
            assistant = await visible(tx, caller, id_or_slug)
            rows = await VersionRepository(tx).page(assistant.id, page)
            names = await self._names(tx, assistant, rows.rows)
        return as_page(
            rows,
            lambda version: version_view(version, self._default_model, names),
            lambda view: str(view.version),
        )

    async def get(self, caller: Caller, id_or_slug: str, number: str) -> AssistantVersionDetail:
        """One version with its definition, and the files that belonged to its epochs."""
        async with self._database.transaction() as tx:
            assistant = await visible(tx, caller, id_or_slug)
            version = await version_of(tx, assistant, number)
            return await self._detail(tx, caller, assistant, version)

    async def compare(
        self, caller: Caller, id_or_slug: str, before: str | None, after: str
    ) -> AssistantComparison:
        """How two states differ. before: None is the version that is published, if there is one."""
        async with self._database.transaction() as tx:
            assistant = await visible(tx, caller, id_or_slug)
            if before is None:
                before = str(assistant.published_version or DRAFT)
            old, epochs_before = await _state(tx, assistant, before)
            new, epochs_after = await _state(tx, assistant, after)
            spans = spans_of(epochs_before, epochs_after)
            listed = await permitted(tx, caller, Action.LIST, COLLECTIONS, list(spans))
            shown = {found: span for found, span in spans.items() if found in listed}
            files, has_more = await told_changes(tx, shown)
        return AssistantComparison(
            assistant_id=assistant.id,
            before=before,
            after=after,
            # Up to a million comparisons: beside the loop, not in it.
            instructions=await asyncio.to_thread(text_hunks, old.instructions, new.instructions),
            settings=setting_changes(old, new),
            files=files,
            has_more_files=has_more,
            hidden_collections=len(spans) - len(shown),
        )

    async def modify(
        self, caller: Caller, id_or_slug: str, number: str, changes: VersionModify
    ) -> AssistantVersionView:
        """Give a version another note."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            version = await version_of(tx, assistant, number)
            version.note = changes.note
            names = await self._names(tx, assistant, [version])
            return version_view(version, self._default_model, names)

    async def restore(self, caller: Caller, id_or_slug: str, number: str) -> AssistantOutcome:
        """Write a version's definition into the draft, and keep what stood there.

        Collections that the assistant may not read now, or that the caller may not give it, are
        left out: they may have been taken from it for a reason.
        """
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            version = await version_of(tx, assistant, number)
            fields, left_out = await self._readable(tx, caller, assistant, version)
            draft = draft_of(fields)
            # Asked again, it is done already, and what is kept stays.
            if draft != assistant.draft:
                assistant.replaced_draft = assistant.draft
                assistant.replaced_at = self._clock()
                redraft(assistant, draft, assistant.replaced_at)
                Acts(tx).record(Act.ASSISTANT_RESTORED, caller, assistant.id)
            return AssistantOutcome(assistant=await viewed(tx, assistant), left_out=[*left_out])

    async def undo_restore(self, caller: Caller, id_or_slug: str) -> AssistantView:
        """Bring back the draft that a restored version replaced. Raises NothingToUndo."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            if assistant.replaced_draft is None or not can_undo_restore(assistant):
                raise NothingToUndo("The draft has changed since, or no version was restored.")
            redraft(assistant, assistant.replaced_draft, self._clock())
            assistant.replaced_draft = assistant.replaced_at = None
            return await viewed(tx, assistant)

    async def _readable(
        self, tx: Transaction, caller: Caller, assistant: Assistant, version: AssistantVersion
    ) -> tuple[AssistantFields, Sequence[str]]:
        fields = AssistantFields.model_validate(version.definition)
        wanted = named_in(fields)
        readable = await readable_by_both(tx, self._roster, caller, assistant, wanted)
        left_out = [found for found in wanted if found not in readable]
        return only_reading(fields, readable), left_out

    async def _detail(
        self, tx: Transaction, caller: Caller, assistant: Assistant, version: AssistantVersion
    ) -> AssistantVersionDetail:
        names = await self._names(tx, assistant, [version])
        listed = await permitted(tx, caller, Action.LIST, COLLECTIONS, list(version.epochs))
        collections = [
            await frozen_collection(tx, found, epoch)
            if found in listed
            else VersionCollection(collection_id=found, epoch=epoch)
            for found, epoch in sorted(version.epochs.items())
        ]
        return AssistantVersionDetail(
            **version_view(version, self._default_model, names).model_dump(),
            definition=AssistantFields.model_validate(version.definition),
            collections=collections,
        )

    async def _names(
        self, tx: Transaction, assistant: Assistant, versions: Iterable[AssistantVersion]
    ) -> dict[str, str]:
        makers = {version.created_by for version in versions}
        return await self._roster.names(tx, assistant.workspace_id, makers)


async def version_of(tx: Transaction, assistant: Assistant, number: str) -> AssistantVersion:
    """One version of an assistant that is loaded. Raises VersionNotFound."""
    found = await VersionRepository(tx).find(assistant.id, version_number(number))
    if found is None:
        raise VersionNotFound(f"There is no version {number[:20]} of this assistant.")
    return found


async def _state(
    tx: Transaction, assistant: Assistant, name: str
) -> tuple[AssistantFields, dict[str, int]]:
    """What a version or the draft says, and the epochs it reads."""
    if name == DRAFT:
        fields = fields_of(assistant)
        epochs = await AssistantRepository(tx).epochs(assistant.workspace_id, read_by(fields))
        return fields, epochs
    version = await version_of(tx, assistant, name)
    return AssistantFields.model_validate(version.definition), version.epochs
