"""Which assistants a caller sees, changes and asks: the checks every verb begins with."""

from contracts.assistants import AssistantFields
from gateway.assistants.errors import AssistantNotFound, NotPublished, NotTheBuilder, SlugTaken
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.rules import may_change, slug_of, with_suffix
from gateway.assistants.tables import Assistant
from gateway.caller import Caller
from gateway.db import Transaction


async def visible(
    tx: Transaction, caller: Caller, id_or_slug: str, *, for_update: bool = False
) -> Assistant:
    """An assistant of the caller's workspace. Raises AssistantNotFound."""
    found = await AssistantRepository(tx).find(caller, id_or_slug, for_update=for_update)
    if found is None:
        raise _not_found(id_or_slug)
    return found


async def changeable(tx: Transaction, caller: Caller, id_or_slug: str) -> Assistant:
    """One that the caller may change, held until this commit."""
    assistant = await visible(tx, caller, id_or_slug, for_update=True)
    if not may_change(caller, assistant.owner_id):
        raise NotTheBuilder("Only its owner or the workspace's admins can change an assistant.")
    return assistant


async def askable(tx: Transaction, caller: Caller, id_or_slug: str) -> Assistant:
    """One whose published version the caller may ask: of the workspace, or a public one."""
    found = await AssistantRepository(tx).find_askable(caller, id_or_slug)
    if found is None:
        raise _not_found(id_or_slug)
    if found.published_version is None:
        raise NotPublished(f"Assistant {found.slug} has not been published yet.")
    return found


async def free_slug(tx: Transaction, fields: AssistantFields, assistant_id: str) -> str:
    """The slug asked for, or one made of the name. Raises SlugTaken."""
    repository = AssistantRepository(tx)
    if fields.slug is not None:
        if await repository.is_slug_taken(fields.slug):
            raise SlugTaken(f"The slug {fields.slug} is taken.", param="slug")
        return fields.slug
    slug = slug_of(fields.name, assistant_id)
    return with_suffix(slug, assistant_id) if await repository.is_slug_taken(slug) else slug


def _not_found(id_or_slug: str) -> AssistantNotFound:
    return AssistantNotFound(f"There is no assistant {id_or_slug}.")
