"""Which assistants a caller sees, changes and asks: the checks every verb begins with."""

from contracts.assistants import AssistantFields
from gateway.assistants.errors import NotPublished, SlugTaken
from gateway.assistants.repository import ASSISTANTS, AssistantRepository
from gateway.assistants.rules import slug_of, with_suffix
from gateway.assistants.tables import Assistant
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action


async def visible(tx: Transaction, caller: Caller, id_or_slug: str) -> Assistant:
    """An assistant of the caller's workspace. Raises AssistantNotFound."""
    return await load(tx, caller, Action.SEE, ASSISTANTS, id_or_slug)


async def changeable(
    tx: Transaction, caller: Caller, id_or_slug: str, action: Action = Action.EDIT
) -> Assistant:
    """One to which the caller may do this, held until this commit."""
    return await load(tx, caller, action, ASSISTANTS, id_or_slug, Hold.ALONE)


async def askable(tx: Transaction, caller: Caller, id_or_slug: str) -> Assistant:
    """One whose published version the caller may ask: of the workspace, or a public one."""
    found = await load(tx, caller, Action.USE, ASSISTANTS, id_or_slug)
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
