"""A question waits for what is attached to its conversation, and says what it waits for."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from contracts.conversations import ConversationFileView
from gateway.caller import Caller
from gateway.conversations.errors import AttachedFileFailed, AttachedFileUnread
from gateway.conversations.service.files import ConversationFileService

_LOOK_SECONDS = 0.3

Tell = Callable[[ConversationFileView], Awaitable[None]]


async def wait_until_read(
    files: ConversationFileService,
    caller: Caller,
    conversation_id: str,
    most_seconds: float,
    tell: Tell,
) -> None:
    """Returns when no attached file is being read any more. `tell` hears of each step of the one
    that is waited for. Raises AttachedFileFailed, AttachedFileUnread."""
    ends_at = time.monotonic() + most_seconds
    awaited: set[str] = set()
    told: tuple[str, int] | None = None
    while True:
        found = await files.all(caller, conversation_id)
        for file in found:
            # Those that had failed before were seen to have, by whoever asked.
            if file.id in awaited and file.status == "failed":
                why = file.last_error.message if file.last_error else ""
                raise AttachedFileFailed(f"{file.filename} could not be read. {why}".strip())
        unread = [file for file in found if file.status == "in_progress"]
        if not unread:
            return
        if time.monotonic() >= ends_at:
            raise AttachedFileUnread(f"{unread[0].filename} is still being read.")
        awaited |= {file.id for file in unread}
        now = unread[0].id, unread[0].progress.percent
        if now != told:
            await tell(unread[0])
            told = now
        await asyncio.sleep(_LOOK_SECONDS)
