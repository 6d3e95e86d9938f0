"""Which door a name opens: by its prefix a link or a publishable key, else the page of a public
assistant."""

from datetime import datetime

from gateway.accounts.rules import is_publishable, token_hash
from gateway.db import Transaction
from gateway.doors.repository import DoorRepository, OpenDoor
from gateway.doors.rules import LINK_PREFIX


async def open_door(tx: Transaction, name: str, now: datetime) -> OpenDoor | None:
    """The door, if it is open now. None: unknown, closed, revoked or expired, never which."""
    doors = DoorRepository(tx)
    if name.startswith(LINK_PREFIX):
        return await doors.by_link(token_hash(name))
    if is_publishable(name):
        return await doors.by_key(token_hash(name), now)
    return await doors.by_slug(name)
