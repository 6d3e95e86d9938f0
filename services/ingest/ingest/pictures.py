"""Pictures of a document's pages, drawn in the jail and handed to the gateway.

They are a service to whoever checks a citation. A document without them is as ready as any other,
so nothing that goes wrong here but a lost lease ends its journey.
"""

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from contracts.clients.jobs import JobsClient
from contracts.errors import StoreError
from contracts.jobs import Job
from contracts.page_pictures import PicturesUpload, PictureUpload, TextRun
from ingest.errors import TookTooLong
from ingest.metrics import measured
from ingest.parsing.drawn import DrawnPage, PictureLimits
from ingest.parsing.formats import has_pages_to_draw
from ingest.parsing.jail import Jail
from ingest.parsing.parsed import Parsed
from ingest.patience import Patience

log = logging.getLogger(__name__)

LEASE_LOST = "lease_lost"
_BATCH_PAGES = 16
_BATCH_BYTES = 4 << 20


class Pictures:
    """Draws the pages of documents that have some."""

    def __init__(
        self, jail: Jail, jobs: JobsClient, patience: Patience, limits: PictureLimits
    ) -> None:
        self._jail = jail
        self._jobs = jobs
        self._patience = patience
        self._limits = limits

    def hand_in(self, job: Job, source: Path, parsed: Parsed, beat: Callable[[], None]) -> None:
        """Draw a document whose text is with the gateway, and store what came of it."""
        if not self._limits.is_on or not has_pages_to_draw(source):
            return
        try:
            for batch in _batches(self._drawn(source, parsed, beat)):
                upload = PicturesUpload(fence=job.fence, pictures=batch)
                self._put(job, upload, beat)
                measured("pictures", value=len(batch))
        except TookTooLong:
            raise
        except StoreError as error:
            if error.code == LEASE_LOST:
                raise
            log.warning("version %s: no pictures: %s", job.document_version_id, error.message)

    def _put(self, job: Job, upload: PicturesUpload, beat: Callable[[], None]) -> None:
        version_id = job.document_version_id
        self._patience.of(lambda: self._jobs.put_pictures(version_id, upload), beat)

    def _drawn(
        self, source: Path, parsed: Parsed, beat: Callable[[], None]
    ) -> Iterator[PictureUpload]:
        starts = {page.number: page.start for page in parsed.pages}
        left = self._limits.bytes_in_all
        for page in self._jail.draw(source, self._limits, beat):
            left -= len(page.content)
            if left < 0:
                return
            upload = _upload(page, parsed.text, starts.get(page.facts.number))
            if upload is not None:
                yield upload


def _upload(page: DrawnPage, text: str, start: int | None) -> PictureUpload | None:
    """The page for the gateway. What the child says of its text counts if the text is there."""
    facts = page.facts
    runs: list[TextRun] = []
    if start is not None and facts.text and text.startswith(facts.text, start):
        runs = [run.model_copy(update={"start": run.start + start}) for run in facts.runs]
    try:
        return PictureUpload.model_validate(
            {
                "number": facts.number,
                "media_type": facts.media_type,
                "width": facts.width,
                "height": facts.height,
                "runs": runs,
                "content": b64encode(page.content),
            }
        )
    except ValidationError:  # of a page without a picture
        return None


def _batches(pictures: Iterator[PictureUpload]) -> Iterator[list[PictureUpload]]:
    batch: list[PictureUpload] = []
    size_bytes = 0
    for picture in pictures:
        batch.append(picture)
        size_bytes += len(picture.content)
        if len(batch) >= _BATCH_PAGES or size_bytes >= _BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch
