"""The branch of a conversation that is shown, to take along, piece by piece."""

import json
from collections.abc import AsyncIterator

from contracts.conversations import ConversationView, MessageView
from gateway.caller import Caller
from gateway.conversations import transcripts
from gateway.conversations.service.conversations import ConversationService
from gateway.conversations.service.files import ConversationFileService
from gateway.paging import PageRequest

_AT_ONCE = 100


class TranscriptService:
    """Writes conversations out. Refusals come before the first piece."""

    def __init__(self, conversations: ConversationService, files: ConversationFileService) -> None:
        self._conversations = conversations
        self._files = files

    async def markdown(self, caller: Caller, conversation_id: str) -> AsyncIterator[str]:
        """For people: citations as footnotes with document, page and quote."""
        return self._markdown(caller, await self._conversations.get(caller, conversation_id))

    async def as_json(self, caller: Caller, conversation_id: str) -> AsyncIterator[str]:
        """For programs: the conversation, and its messages with their annotations."""
        return self._json(caller, await self._conversations.get(caller, conversation_id))

    async def _markdown(self, caller: Caller, found: ConversationView) -> AsyncIterator[str]:
        files = await self._files.all(caller, found.id)
        yield transcripts.heading(found, [file.filename for file in files])
        number = 0
        async for message in self._messages(caller, found.id):
            number += 1
            yield transcripts.said(found, message, number)

    async def _json(self, caller: Caller, found: ConversationView) -> AsyncIterator[str]:
        talk = json.dumps(found.model_dump(mode="json"), ensure_ascii=False)
        files = [
            {"id": file.id, "filename": file.filename, "bytes": file.bytes}
            for file in await self._files.all(caller, found.id)
        ]
        attached = json.dumps(files, ensure_ascii=False)
        yield f'{{"object": "conversation.export", "conversation": {talk}, "files": {attached}, '
        yield '"messages": ['
        between = ""
        async for message in self._messages(caller, found.id):
            yield between + json.dumps(message.model_dump(mode="json"), ensure_ascii=False)
            between = ", "
        yield "]}"

    async def _messages(self, caller: Caller, conversation_id: str) -> AsyncIterator[MessageView]:
        # A transaction a page: whoever reads slowly holds no connection meanwhile.
        page = PageRequest(limit=_AT_ONCE, order="asc")
        while True:
            found = await self._conversations.messages(caller, conversation_id, page)
            for message in found.data:
                yield message
            if not found.has_more:
                return
            page = PageRequest(limit=_AT_ONCE, after=found.last_id, order="asc")
