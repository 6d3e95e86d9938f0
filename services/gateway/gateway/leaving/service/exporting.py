"""An export of everything that is a member's own, as one streamed archive."""

from collections.abc import AsyncIterator
from typing import Any

from pydantic import SecretStr

from gateway.accounts.repository import AccountRepository
from gateway.accounts.service.sessions import SessionService
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.blobs import Blobs
from gateway.caller import Caller
from gateway.clock import unix_seconds
from gateway.leaving.repository import BelongingsRepository
from gateway.leaving.rules import README, as_json, file_path
from gateway.leaving.service.facts import (
    assistant_facts,
    collection_facts,
    conversation_facts,
    file_facts,
    fitting,
    key_facts,
    report_facts,
    share_facts,
    store_facts,
)
from gateway.streamed_archive import StreamedArchive
from gateway.visit import Visit
from gateway.workspaces.repository import WorkspaceRepository


class ExportService:
    """Gives members what is theirs."""

    def __init__(self, sessions: SessionService, blobs: Blobs, most_bytes: int) -> None:
        self._sessions = sessions
        self._blobs = blobs
        self._most_bytes = most_bytes
        self._database = sessions.parts.database

    async def begin(
        self, caller: Caller, password: SecretStr, visit: Visit
    ) -> AsyncIterator[bytes]:
        """Check the password, then the archive in blocks. Refusals come before its first byte."""
        await self._sessions.check_password(caller, password, visit)
        async with self._database.transaction() as tx:
            Acts(tx).record(Act.ACCOUNT_EXPORTED, caller, caller.member_id)
        return self._archive(caller)

    async def _archive(self, caller: Caller) -> AsyncIterator[bytes]:
        archive = StreamedArchive()
        for block in archive.text("README.txt", README.encode()):
            yield block
        for name, content in (await self._facts(caller)).items():
            for block in archive.text(name, as_json(content)):
                yield block
        async for block in self._conversations(archive, caller):
            yield block
        async for block in self._files(archive, caller):
            yield block
        for block in archive.end():
            yield block

    async def _facts(self, caller: Caller) -> dict[str, Any]:
        async with self._database.transaction() as tx:
            member = await AccountRepository(tx).member(caller.member_id)
            places = await WorkspaceRepository(tx).places(caller.member_id)
            belongings = BelongingsRepository(tx)
            keys = await belongings.keys(caller.member_id)
            assistants = await belongings.assistants(caller.member_id)
            collections = await belongings.collections(caller.member_id)
            ratings = await belongings.ratings(caller.member_id)
            used = await belongings.used_listings(caller.member_id)
            reports = await belongings.reports(caller.member_id)
        account = {
            "id": caller.member_id,
            "email": caller.email,
            "name": caller.member_name,
            "created_at": None if member is None else unix_seconds(member.created_at),
            "workspaces": [
                {"id": place.workspace.id, "name": place.workspace.name, "role": place.power}
                for place in places
            ],
            "keys": [key_facts(key) for key in keys],
        }
        return {
            "account.json": account,
            "assistants.json": [assistant_facts(found) for found in assistants],
            "collections.json": [collection_facts(found) for found in collections],
            "store.json": store_facts(used, ratings),
            "reports.json": [report_facts(*found) for found in reports],
        }

    async def _conversations(
        self, archive: StreamedArchive, caller: Caller
    ) -> AsyncIterator[bytes]:
        async with self._database.transaction() as tx:
            conversations = await BelongingsRepository(tx).conversations(caller.member_id)
            folders = await BelongingsRepository(tx).folder_names(caller.member_id)
        for conversation in conversations:
            # A transaction each: whoever reads slowly holds no connection meanwhile.
            async with self._database.transaction() as tx:
                belongings = BelongingsRepository(tx)
                messages = await belongings.messages(conversation.id)
                feedback = await belongings.feedback(conversation.id)
                shares = await belongings.shares(conversation.id)
                attached = await belongings.attached(conversation.id)
            folder = folders.get(conversation.folder_id or "")
            facts = conversation_facts(conversation, messages, feedback, folder)
            facts |= {"shares": [share_facts(share) for share in shares], "file_ids": [*attached]}
            content = as_json(facts)
            for block in archive.text(f"conversations/{conversation.id}.json", content):
                yield block

    async def _files(self, archive: StreamedArchive, caller: Caller) -> AsyncIterator[bytes]:
        async with self._database.transaction() as tx:
            files = await BelongingsRepository(tx).files(caller.member_id)
        included = fitting(files, self._most_bytes)
        ids = {file.id for file in included}
        listed = [file_facts(file, is_included=file.id in ids) for file in files]
        for block in archive.text("files.json", as_json(listed)):
            yield block
        for file in included:
            path = file_path(file.id, file.filename)
            async for block in archive.file(path, self._blobs.read(file.blob_key)):
                yield block
