"""Doors and links as the API shows them."""

from contracts.assistants import AssistantFields
from contracts.doors import DoorView, LinkView
from gateway.assistants.tables import Link
from gateway.clock import unix_seconds
from gateway.doors.repository import OpenDoor


def door_view(door: OpenDoor, fields: AssistantFields, *, admits_guests: bool) -> DoorView:
    """The published face of an assistant. fields: of its published version."""
    return DoorView(
        kind=door.kind,
        assistant_id=door.assistant.id,
        slug=door.assistant.slug,
        name=fields.name,
        description=fields.description,
        starters=list(fields.starters),
        avatar=fields.avatar,
        accent=fields.accent,
        variables=list(fields.variables),
        admits_guests=admits_guests,
        origins=list(door.origins),
    )


def link_view(link: Link) -> LinkView:
    """A link without its token."""
    return LinkView(
        id=link.id,
        assistant_id=link.assistant_id,
        name=link.name,
        visitors=link.visitors,
        created_at=unix_seconds(link.created_at),
        created_by=link.created_by,
        expires_at=None if link.expires_at is None else unix_seconds(link.expires_at),
    )
