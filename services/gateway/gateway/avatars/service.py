"""Pictures of assistants: what was sent waits beside the assistant until a worker has made a small
picture of it; only what the worker made is ever shown.

The picture is a field of the draft, so publishing freezes it. It makes no revision of the draft: it
comes when the worker is ready, and must not be in the way of a form that somebody is filling in.
"""

import hashlib
from datetime import timedelta

from contracts.avatars import (
    MOST_UPLOAD_BYTES,
    AvatarProblem,
    AvatarReport,
    AvatarStatus,
    AvatarView,
    is_avatar,
    may_be_read,
)
from contracts.ids import new_id
from contracts.tasks import DrawAvatar
from gateway.assistants.repository import ASSISTANTS, AvatarRepository
from gateway.assistants.service.finding import changeable, visible
from gateway.assistants.tables import Assistant, AvatarUpload
from gateway.avatars.errors import AvatarNotFound, AvatarTooLarge, NotAPicture, UploadNotWanted
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.outbox.service import Bell, Outbox
from gateway.policy.loading import load, permitted
from gateway.policy.words import Action

WAITS = timedelta(seconds=DrawAvatar.expires_seconds)
"""After this nobody works on an upload any more, and its sender is told to try again."""


class AvatarService:
    """Takes pictures in, hands them to workers, and shows what these made of them."""

    def __init__(self, database: Database, bell: Bell, clock: Clock = utc_now) -> None:
        self._database = database
        self._bell = bell
        self._clock = clock

    async def put(self, caller: Caller, id_or_slug: str, content: bytes) -> AvatarView:
        """Send a picture. What was sent before and is not read yet is forgotten."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            _check(content)
            repository, upload_id = AvatarRepository(tx), new_id("avu_")
            await repository.forget_upload(assistant.id)
            repository.add(
                AvatarUpload(
                    id=upload_id,
                    assistant_id=assistant.id,
                    content=content,
                    created_at=self._clock(),
                )
            )
            Outbox(tx).put(DrawAvatar(avatar_upload_id=upload_id))
            view = await self._view(tx, assistant)
        self._bell.ring()
        return view

    async def get(self, caller: Caller, id_or_slug: str) -> AvatarView:
        """The draft's picture, and how far a new one is."""
        async with self._database.transaction() as tx:
            return await self._view(tx, await visible(tx, caller, id_or_slug))

    async def remove(self, caller: Caller, id_or_slug: str) -> AvatarView:
        """Let the pattern stand for the draft again. Published versions keep their picture."""
        async with self._database.transaction() as tx:
            assistant = await changeable(tx, caller, id_or_slug)
            await AvatarRepository(tx).forget_upload(assistant.id)
            if assistant.draft.get("avatar") is not None:
                await self._wear(tx, assistant, None)
            return await self._view(tx, assistant)

    async def content(self, caller: Caller, id_or_slug: str, digest: str) -> bytes:
        """A picture's bytes. Who may ask the assistant sees what its versions have; who sees its
        draft, that one's too."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.USE, ASSISTANTS, id_or_slug)
            repository = AvatarRepository(tx)
            found = await repository.content(assistant.id, digest)
            if found is None or not (
                await repository.is_published(assistant, digest)
                or await permitted(tx, caller, Action.SEE, ASSISTANTS, [assistant.id])
            ):
                raise AvatarNotFound("This assistant has no such picture.")
            return found

    async def upload(self, upload_id: str) -> bytes:
        """What a worker is to read. Raises UploadNotWanted."""
        async with self._database.transaction() as tx:
            content = await AvatarRepository(tx).uploaded(upload_id)
            if content is None:
                raise UploadNotWanted("This picture is not wanted any more.")
            return content

    async def handed_in(self, upload_id: str, report: AvatarReport) -> None:
        """What a worker made of it. Raises UploadNotWanted, NotAPicture."""
        if report.content is not None and not is_avatar(report.content):
            raise NotAPicture("This is not laid out as the pictures we keep.")
        async with self._database.transaction() as tx:
            repository = AvatarRepository(tx)
            assistant = await repository.holder_of(upload_id)
            upload = await repository.upload(upload_id)
            if assistant is None or upload is None or upload.problem is not None:
                raise UploadNotWanted("This picture is not wanted any more.")
            if report.content is None:
                upload.content, upload.problem = None, report.problem
                return
            await repository.forget_upload(assistant.id)
            digest = hashlib.sha256(report.content).hexdigest()
            await repository.keep(assistant.id, digest, report.content)
            await self._wear(tx, assistant, digest)

    async def _wear(self, tx: Transaction, assistant: Assistant, digest: str | None) -> None:
        assistant.draft = {**assistant.draft, "avatar": digest}
        # What a restored version replaced had another picture: it is not to be brought back now.
        assistant.draft_changed_at = self._clock()
        await AvatarRepository(tx).forget_unnamed(assistant)

    async def _view(self, tx: Transaction, assistant: Assistant) -> AvatarView:
        digest = assistant.draft.get("avatar")
        status = AvatarStatus.PATTERN if digest is None else AvatarStatus.READY
        problem: AvatarProblem | None = None
        upload = await AvatarRepository(tx).upload_of(assistant.id)
        if upload is not None:
            if upload.problem is not None:
                problem = AvatarProblem(upload.problem)
            elif upload.created_at + WAITS < self._clock():
                problem = AvatarProblem.TOOK_TOO_LONG
            status = AvatarStatus.READING if problem is None else AvatarStatus.FAILED
        return AvatarView(assistant_id=assistant.id, status=status, hash=digest, problem=problem)


def _check(content: bytes) -> None:
    if len(content) > MOST_UPLOAD_BYTES:
        raise AvatarTooLarge(f"A picture has at most {MOST_UPLOAD_BYTES:,} bytes.")
    if not may_be_read(content):
        raise NotAPicture("Send a PNG, a JPEG or a WebP picture.")
