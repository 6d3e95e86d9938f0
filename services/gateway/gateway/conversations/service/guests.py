"""Whether a guest may still be answered, while an answer is written for them."""

import logging
import time
from typing import Protocol

from gateway.caller import Caller
from gateway.database_problems import DATABASE_FAILURES

log = logging.getLogger(__name__)


class Doors(Protocol):
    """The port through which doors are looked at. doors fills it in wiring: it stands on this."""

    async def is_open(self, visit_id: str) -> bool:
        """Whether a visit lasts, and the door it came by is open."""
        ...


class DoorWatch:
    """Looks now and then at the door of one caller. Members came by none."""

    def __init__(self, doors: Doors, caller: Caller, check_seconds: float) -> None:
        self._doors = doors
        self._visit_id = None if caller.stay is None else caller.stay.visit_id
        self._check_seconds = check_seconds
        self._look_at = 0.0

    async def is_closed(self) -> bool:
        """Whether the door was found closed; asked of the database only so often."""
        if self._visit_id is None or time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + self._check_seconds
        try:
            return not await self._doors.is_open(self._visit_id)
        except DATABASE_FAILURES:
            # Nobody can be shut out while nobody can be looked up: asked again in a moment.
            log.warning("the door of a guest could not be looked at")
            return False
