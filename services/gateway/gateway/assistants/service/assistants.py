"""Assistants: a draft that builders edit, versions that people use."""

from collections.abc import Sequence

from contracts.assistants import (
    AssistantCreate,
    AssistantModify,
    AssistantView,
    Sharing,
    Visibility,
)
from contracts.lists import Deleted, Page
from contracts.sharing import AssistantGrant, SharingView
from gateway.assistants.errors import DraftChanged
from gateway.assistants.repository import ASSISTANTS, AssistantRepository
from gateway.assistants.rules import Access, RunnableAssistant
from gateway.assistants.service.finding import askable, changeable, visible
from gateway.assistants.service.making import check_may_make, make, redraft
from gateway.assistants.service.reading import check_added, check_owner_reads
from gateway.assistants.service.running import named, runnable, runnable_draft
from gateway.assistants.service.views import (
    assistant_view,
    changed,
    collections_of,
    draft_of,
    fields_of,
    named_in,
    naming,
    read_by,
    viewed,
)
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import load, permitted
from gateway.policy.repository.grants import Shared
from gateway.policy.roster import Roster
from gateway.policy.service.sharing import SharingDesk
from gateway.policy.words import Action, Kind


class AssistantService:
    """What people do with assistants, and what answering needs of them."""

    def __init__(self, database: Database, roster: Roster, clock: Clock = utc_now) -> None:
        self._database = database
        self._roster = roster
        self._desk = SharingDesk(roster)
        self._clock = clock

    async def create(self, caller: Caller, fields: AssistantCreate) -> AssistantView:
        """Make an assistant whose draft starts with these fields."""
        check_may_make(caller)
        async with self._database.transaction() as tx:
            await check_added(tx, caller, fields, None)
            assistant = await make(tx, caller, fields, Visibility.WORKSPACE, self._clock())
            return await viewed(tx, assistant)

    async def list(self, caller: Caller, page: PageRequest) -> Page[AssistantView]:
        """The assistants of the workspace that the caller may see."""
        async with self._database.transaction() as tx:
            repository = AssistantRepository(tx)
            rows = await repository.seen_by(caller, page)
            versions = await repository.current_versions(rows.rows)
            epochs = await repository.epochs(caller.workspace_id, collections_of(rows.rows))
        return as_page(
            rows,
            lambda assistant: assistant_view(assistant, versions.get(assistant.id), epochs),
            lambda view: view.id,
        )

    async def get(self, caller: Caller, id_or_slug: str) -> AssistantView:
        """One assistant, draft and all."""
        async with self._database.transaction() as tx:
            return await viewed(tx, await visible(tx, caller, id_or_slug))

    async def access(self, caller: Caller, id_or_slug: str) -> Access:
        """What the caller may do with an assistant of the workspace, and what its draft knows."""
        async with self._database.transaction() as tx:
            assistant = await visible(tx, caller, id_or_slug)
            versions = await AssistantRepository(tx).current_versions([assistant])
            fields = fields_of(assistant)
            known = named_in(fields)
            inside = caller.within(caller.workspace_id, *known)
            readable = await permitted(tx, inside, Action.LIST, COLLECTIONS, known)
            edits = await permitted(tx, caller, Action.EDIT, ASSISTANTS, [assistant.id])
            shares = await permitted(tx, caller, Action.SHARE, ASSISTANTS, [assistant.id])
        return Access(
            caller=inside,
            assistant_id=assistant.id,
            name=fields.name,
            may_change=bool(edits),
            sees_all_keys=bool(shares),
            collection_ids=tuple(found for found in known if found in readable),
            published_epochs=versions[assistant.id].epochs if versions else {},
        )

    async def modify(
        self, caller: Caller, id_or_slug: str, changes: AssistantModify
    ) -> AssistantView:
        """Change some fields of the draft; what is published stays as it is."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            if changes.revision not in (None, assistant.draft_revision):
                raise DraftChanged(
                    "The draft was changed meanwhile: read it again.", param="revision"
                )
            before = fields_of(assistant)
            fields = changed(before, changes)
            if changes.tool_resources is not None:
                await check_added(tx, caller, fields, before)
                await check_owner_reads(tx, self._roster, assistant, named_in(fields))
            redraft(assistant, draft_of(fields), self._clock())
            return await viewed(tx, assistant)

    async def attach(self, caller: Caller, id_or_slug: str, collection_id: str) -> str:
        """Give a draft its first collection. The answer: the one it has, if that came first."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            fields = fields_of(assistant)
            attached = fields.tool_resources.file_search.vector_store_ids
            if attached:
                return attached[0]
            fields = naming(fields, [collection_id])
            await check_added(tx, caller, fields, None)
            await check_owner_reads(tx, self._roster, assistant, named_in(fields))
            redraft(assistant, draft_of(fields), self._clock())
            return collection_id

    async def share(self, caller: Caller, id_or_slug: str, sharing: Sharing) -> AssistantView:
        """Say who may ask or edit it. It holds from the next request on, whatever is published."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            assistant.visibility = sharing.visibility.value
            await self._desk.change(tx, _shared(assistant), sharing.members, sharing.groups)
            Acts(tx).record(Act.ASSISTANT_SHARED, caller, assistant.id)
            return await viewed(tx, assistant)

    async def grant(
        self, caller: Caller, id_or_slug: str, grantee_id: str, wanted: AssistantGrant
    ) -> SharingView:
        """Let one more ask or edit it, whatever others change meanwhile."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            await self._desk.grant(tx, _shared(assistant), grantee_id, wanted.powers)
            Acts(tx).record(Act.ASSISTANT_SHARED, caller, assistant.id)
            return await self._desk.view(tx, _shared(assistant), assistant.visibility)

    async def take(self, caller: Caller, id_or_slug: str, grantee_id: str) -> SharingView:
        """Take everything from one of them."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            await self._desk.take(tx, _shared(assistant), grantee_id)
            Acts(tx).record(Act.ASSISTANT_SHARED, caller, assistant.id)
            return await self._desk.view(tx, _shared(assistant), assistant.visibility)

    async def sharing(self, caller: Caller, id_or_slug: str) -> SharingView:
        """Who may ask or edit it."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            return await self._desk.view(tx, _shared(assistant), assistant.visibility)

    async def publish(self, caller: Caller, id_or_slug: str, note: str = "") -> AssistantView:
        """Freeze the draft, and the epoch of each collection it reads, as the next version."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            wanted = read_by(fields_of(assistant))
            epochs = await check_owner_reads(tx, self._roster, assistant, wanted)
            now = self._clock()
            # Not simply one more than what is published: imported versions have numbers too.
            newest = await AssistantRepository(tx).newest_number(assistant.id)
            assistant.published_version = newest + 1
            assistant.published_at = now
            Acts(tx).record(Act.ASSISTANT_PUBLISHED, caller, assistant.id)
            AssistantRepository(tx).add(
                AssistantVersion(
                    assistant_id=assistant.id,
                    version=assistant.published_version,
                    definition=assistant.draft,
                    epochs=epochs,
                    note=note,
                    created_by=caller.member_id,
                    created_at=now,
                )
            )
            await AssistantRepository(tx).flush()
            return await viewed(tx, assistant)

    async def delete(self, caller: Caller, id_or_slug: str) -> Deleted:
        """Withdraw it from everybody, and let the keys bound to it rest. Its ledger rows stay."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug, Action.DELETE)
            assistant.deleted_at = self._clock()
            Acts(tx).record(Act.ASSISTANT_DELETED, caller, assistant.id)
            assistant.former_slug = assistant.slug
            assistant.slug = assistant.id  # the readable slug is free again
            return Deleted(id=assistant.id, object="assistant.deleted")

    async def resolve(self, caller: Caller, id_or_slug: str, draft: bool) -> RunnableAssistant:
        """The assistant as it may be run: its published version, or the draft for its builders."""
        async with self._database.transaction() as tx:
            if not draft:
                return await runnable(tx, self._roster, await askable(tx, caller, id_or_slug))
            assistant = await load(tx, caller, Action.EDIT, ASSISTANTS, id_or_slug)
            return await runnable_draft(tx, self._roster, assistant)

    async def public(self, id_or_slug: str) -> RunnableAssistant | None:
        """A public assistant: what even those may know of who are not signed in."""
        async with self._database.transaction() as tx:
            found = await AssistantRepository(tx).find_public(id_or_slug)
            return None if found is None else (await named(tx, [found]))[0]

    async def callable_by(self, caller: Caller) -> Sequence[RunnableAssistant]:
        """Every published assistant the caller may ask, by name, the workspace's first."""
        async with self._database.transaction() as tx:
            return await named(tx, await AssistantRepository(tx).published(caller))


def _shared(assistant: Assistant) -> Shared:
    return Shared(Kind.ASSISTANT, assistant.id, assistant.workspace_id)
