"""Pictures of pages: taken from the worker that drew them, shown to who may read the document."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter

from contracts.page_pictures import (
    MOST_PICTURE_BYTES,
    PicturesUpload,
    PictureUpload,
    TextRun,
    is_picture,
)
from gateway.blobs import Blobs, StoredBlob, new_blob_key, once, whole
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.errors import NotAPicture, PagePictureNotFound, TextMissing
from gateway.knowledge.repository.pictures import PictureRepository
from gateway.knowledge.service.holding import held
from gateway.knowledge.service.reading import readable_passage
from gateway.knowledge.tables import PagePicture
from gateway.settings import KnowledgeLimits

RUNS = TypeAdapter(list[TextRun])


@dataclass(frozen=True)
class Picture:
    """A page as a browser shows it. digest: of its bytes."""

    media_type: str
    digest: str
    blob_key: str


class PictureService:
    """Keeps pictures with their versions: they are read, and they go, with the text."""

    def __init__(
        self, database: Database, blobs: Blobs, limits: KnowledgeLimits, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._lease = timedelta(seconds=limits.lease_seconds)

    async def put(self, version_id: str, upload: PicturesUpload) -> None:
        """Store pictures of some pages. A page that was sent before is replaced."""
        _check(upload.pictures)
        async with self._database.transaction() as tx:
            await held(tx, version_id, upload.fence, self._clock() + self._lease)
        stored: list[StoredBlob] = []
        try:
            for picture in upload.pictures:
                blob = await self._blobs.write(new_blob_key(), once(picture.content))
                stored.append(blob)
            rows = await asyncio.to_thread(_rows, version_id, upload.pictures, stored)
            async with self._database.transaction() as tx:
                version = await held(tx, version_id, upload.fence, self._clock() + self._lease)
                if version.text_blob_key is None:
                    raise TextMissing("Store the text before the pictures of its pages.")
                repository = PictureRepository(tx)
                numbers = [picture.number for picture in upload.pictures]
                former = await repository.take_out(version_id, numbers)
                repository.add(rows)
        except BaseException:  # no row knows these blobs
            for blob in stored:
                await self._blobs.remove(blob.key)
            raise
        for key in former:
            await self._blobs.remove(key)

    async def find(self, caller: Caller, passage_id: str, number: int) -> Picture:
        """The picture of a page of the version that a passage is from."""
        async with self._database.transaction() as tx:
            passage = await readable_passage(tx, caller, passage_id)
            found = await PictureRepository(tx).find(passage.document_version_id, number)
        if found is None:
            raise PagePictureNotFound(f"There is no picture of page {number}.")
        return Picture(found.media_type, found.sha256, found.blob_key)

    async def content(self, picture: Picture) -> bytes:
        """Its bytes."""
        return await whole(self._blobs, picture.blob_key)


def _check(pictures: Sequence[PictureUpload]) -> None:
    if len({picture.number for picture in pictures}) < len(pictures):
        raise NotAPicture("A page comes twice.", param="pictures")
    for picture in pictures:
        is_small = len(picture.content) <= MOST_PICTURE_BYTES
        if not is_small or not is_picture(picture.media_type, picture.content):
            raise NotAPicture(f"What came for page {picture.number} is no picture we keep.")


def _rows(
    version_id: str, pictures: Sequence[PictureUpload], stored: Sequence[StoredBlob]
) -> list[PagePicture]:
    return [
        PagePicture(
            document_version_id=version_id,
            number=picture.number,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            blob_key=blob.key,
            sha256=blob.sha256,
            runs=RUNS.dump_json(picture.runs).decode(),
        )
        for picture, blob in zip(pictures, stored, strict=True)
    ]
