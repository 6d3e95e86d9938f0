"""The text of a version and the passages cut from it, so that a quote is verbatim by making."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from contracts.ids import new_id
from contracts.jobs import PassageIds, PassageSpan, PassagesUpload, TextUpload
from gateway.blobs import Blobs, new_blob_key, once, whole
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.errors import SpanOutsideText, TextMissing, TextNotStorable
from gateway.knowledge.repository.documents import DocumentRepository
from gateway.knowledge.repository.jobs import JobRepository, NewPassage
from gateway.knowledge.repository.pictures import PictureRepository
from gateway.knowledge.rules import is_span_inside
from gateway.knowledge.service.holding import held
from gateway.settings import KnowledgeLimits


class TextService:
    """Keeps what a worker read: the text whole, and the passages that point into it."""

    def __init__(
        self, database: Database, blobs: Blobs, limits: KnowledgeLimits, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._lease = timedelta(seconds=limits.lease_seconds)

    async def put_text(self, version_id: str, upload: TextUpload) -> None:
        """Store the text of a version. Sent again, it replaces the former, whose pictures go."""
        if "\x00" in upload.text:
            raise TextNotStorable("The text holds NUL characters.", param="text")
        async with self._database.transaction() as tx:
            await held(tx, version_id, upload.fence, self._clock() + self._lease)
        encoded = await asyncio.to_thread(upload.text.encode)
        blob = await self._blobs.write(new_blob_key(), once(encoded))
        try:
            async with self._database.transaction() as tx:
                version = await held(tx, version_id, upload.fence, self._clock() + self._lease)
                former = await PictureRepository(tx).take_out(version_id)
                if version.text_blob_key is not None:
                    former.append(version.text_blob_key)
                version.text_blob_key = blob.key
                version.title = upload.title.replace("\x00", "")
                version.pages = [page.model_dump() for page in upload.pages]
        except BaseException:  # no row knows this blob
            await self._blobs.remove(blob.key)
            raise
        for key in former:
            await self._blobs.remove(key)

    async def put_passages(self, version_id: str, upload: PassagesUpload) -> PassageIds:
        """Cut the passages out of the stored text. Sent again, they keep their ids."""
        async with self._database.transaction() as tx:
            version = await held(tx, version_id, upload.fence, self._clock() + self._lease)
            text_key = version.text_blob_key
        if text_key is None:
            raise TextMissing("Store the text before its passages.")
        text = await asyncio.to_thread((await whole(self._blobs, text_key)).decode)
        _check(upload.passages, len(text))
        async with self._database.transaction() as tx:
            version = await held(tx, version_id, upload.fence, self._clock() + self._lease)
            if version.text_blob_key != text_key:
                raise TextMissing("The text was replaced meanwhile.")
            repository = JobRepository(tx)
            known = await repository.passage_ids(version_id)
            passages = _cut(upload.passages, text, known)
            await DocumentRepository(tx).drop_passages([version_id])
            await repository.add_passages(version, passages)
        return PassageIds(ids=[passage.id for passage in passages])


def _check(spans: Sequence[PassageSpan], length: int) -> None:
    seen: set[int] = set()
    for span in spans:
        if span.index in seen:
            raise SpanOutsideText(f"Passage {span.index} comes twice.", param="passages")
        if not is_span_inside(span.start, span.end, length):
            raise SpanOutsideText(
                f"Passage {span.index} lies outside the text of {length} characters.",
                param="passages",
            )
        seen.add(span.index)


def _cut(spans: Sequence[PassageSpan], text: str, known: Mapping[int, str]) -> list[NewPassage]:
    return [
        NewPassage(
            id=known.get(span.index) or new_id("psg_"),
            index=span.index,
            start=span.start,
            end=span.end,
            page=span.page,
            header=span.header.replace("\x00", ""),
            text=text[span.start : span.end],
            flags=sorted(set(span.flags)),
        )
        for span in sorted(spans, key=lambda span: span.index)
    ]
