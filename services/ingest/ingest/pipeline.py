"""The journey of a document: claimed, parsed, split, embedded, indexed, shown. Safe to repeat."""

import logging
import tempfile
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contracts.clients.jobs import JobsClient
from contracts.clients.retrieval import IndexClient
from contracts.errors import ErrorKind, RemoteError, StoreError
from contracts.jobs import (
    ClaimRequest,
    FailureReport,
    FinishRequest,
    Job,
    PageUpload,
    PassageSpan,
    PassagesUpload,
    PurgeReport,
    ReadyReport,
    Stage,
    SweepRequest,
    SweepResult,
    TextUpload,
)
from contracts.passages import EmbeddingStamp, PassageBatch, PassageVector, Reveal
from contracts.principal import Principal
from embedding.port import Embedder, read_tokens
from ingest.errors import FileRefused, TookTooLong
from ingest.handing_back import HandedBack
from ingest.indexed import Indexed, stamp_of, vectors_of
from ingest.metrics import measured
from ingest.pages import Pages
from ingest.parsing.drawn import PictureLimits
from ingest.parsing.jail import Jail
from ingest.parsing.parsed import Parsed
from ingest.passages import TokenRule, split
from ingest.patience import Patience, will_pass
from ingest.pictures import LEASE_LOST, Pictures
from ingest.progress import Progress
from ingest.reindexing import Reindexing
from ingest.stages import staged
from ingest.suspicion import flagged

log = logging.getLogger(__name__)

OUR_FAULT = "Something failed on our side while the document was read. It will be tried again."
WORKER_STOPPED = "The worker was stopped in the middle of the document. It will be tried again."
NEIGHBOUR_AWAY = "A part of Stoa did not answer for a while. It will be tried again."


@dataclass(frozen=True)
class Neighbours:
    """The services a worker talks to, and how long it waits for them."""

    jobs: JobsClient
    index: IndexClient
    patience: Patience


@dataclass(frozen=True)
class Workbench:
    """What a document is worked on with. The embedder is opened on first use, after the fork."""

    jail: Jail
    pages: Pages
    pictures: PictureLimits
    scratch: Path
    open_embedder: Callable[[], Embedder]
    batch_passages: int
    deadline_seconds: float
    worker: str


class Pipeline:
    """Carries documents from the gateway's blobs into the index."""

    def __init__(self, neighbours: Neighbours, bench: Workbench) -> None:
        self._jobs = neighbours.jobs
        self._index = neighbours.index
        self._patience = neighbours.patience
        self._bench = bench
        self._pictures = Pictures(bench.jail, self._jobs, self._patience, bench.pictures)

    def ingest(self, version_id: str) -> None:
        """Make a document version ready, or say why it cannot be."""
        self._warm_up()
        job = self._claimed(version_id)
        if job is None:
            return
        try:
            self._carry(job, Progress(self._jobs, job, self._bench.deadline_seconds))
        except FileRefused as refusal:
            self._fail(job, refusal.code, refusal.message, retry=False)
        except TookTooLong as error:
            self._fail(job, "server_error", error.message, retry=False)
        except StoreError as error:
            self._after_remote(job, error)
        except HandedBack:
            self._fail(job, "server_error", WORKER_STOPPED, retry=True)
            raise
        except Exception:  # a bug must end as a report, not as a silent document
            log.exception("document version %s failed", version_id)
            self._fail(job, "server_error", OUR_FAULT, retry=True)

    def purge(self, version_id: str) -> None:
        """Remove a version's vectors, count what is left and report it."""
        try:
            purge = self._jobs.purge(version_id)
        except RemoteError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
            return  # purged before, and forgotten
        principal = Principal(workspace_id=purge.workspace_id, write=True)
        remaining = self._patience.of(lambda: self._index.purge(principal, version_id)).count
        self._jobs.purged(version_id, PurgeReport(remaining=remaining))

    def reindex(self, version_id: str) -> None:
        """Make the index hold a ready version as the gateway keeps it."""
        reindexing = Reindexing(self._jobs, self._index, self._patience)
        reindexing.carry(version_id, self._bench.open_embedder(), self._bench.batch_passages)

    def draw_avatar(self, upload_id: str) -> None:
        """Make an assistant's picture of what was sent for it."""
        try:
            with tempfile.TemporaryDirectory(prefix="stoa-avatar-", dir=self._bench.scratch) as at:
                source = Path(at) / "source"
                self._patience.of(lambda: self._jobs.fetch_avatar(upload_id, source))
                report = self._bench.jail.avatar(source)
                self._patience.of(lambda: self._jobs.put_avatar(upload_id, report))
        except RemoteError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
            log.info("picture %s is not wanted any more", upload_id)

    def sweep(self) -> SweepResult:
        """Have the gateway queue again whatever lost its worker, or is not in this index."""
        return self._jobs.sweep(SweepRequest(stamp=self._stamp_of_index()))

    def _stamp_of_index(self) -> EmbeddingStamp | None:
        try:
            return self._index.stamp(Principal())
        except StoreError as error:
            log.warning("the index could not say what it holds: %s", error.code)
            return None

    def _warm_up(self) -> None:
        """Load the model before a lease runs: nothing could renew it meanwhile."""
        try:
            self._bench.open_embedder()
        except Exception:  # it fails again under the lease, where it can be reported
            log.exception("the embedding model cannot be opened")

    def _claimed(self, version_id: str) -> Job | None:
        """The job, or None when it is another's, final or gone: all is well then."""
        try:
            return self._jobs.claim(version_id, ClaimRequest(worker=self._bench.worker))
        except RemoteError as error:
            if error.kind not in (ErrorKind.CONFLICT, ErrorKind.NOT_FOUND):
                raise
            log.info("version %s is not to be claimed: %s", version_id, error.code)
            return None

    def _carry(self, job: Job, progress: Progress) -> None:
        version_id = job.document_version_id
        with staged(Stage.PARSING):
            parsed = self._read(job, progress)
        with staged(Stage.SPLITTING):
            spans, ids = self._split(job, parsed, progress)
        with staged(Stage.EMBEDDING):
            passages = list(zip(spans, ids, strict=True))
            tokens = self._embed(job, parsed, passages, progress)
        with staged(Stage.INDEXING):
            self._show(job, tokens, progress)
        measured("documents", "ready")
        measured("passages", value=len(spans))
        log.info("version %s is ready: %d passages", version_id, len(spans))

    def _read(self, job: Job, progress: Progress) -> Parsed:
        """What the file says, with the gateway now, and what its pages look like."""
        progress.report(Stage.PARSING, 0, 1)
        with tempfile.TemporaryDirectory(prefix="stoa-source-", dir=self._bench.scratch) as folder:
            source = Path(folder) / "source"  # the uploaded name is a label, never a path
            filename = self._brought(job, source, progress)
            parsed = self._bench.jail.parse(source, filename, progress.beat)
            upload = TextUpload(
                fence=job.fence, title=parsed.title, text=parsed.text, pages=parsed.pages
            )
            self._patience.of(
                lambda: self._jobs.put_text(job.document_version_id, upload), progress.beat
            )
            self._pictures.hand_in(job, source, parsed, progress.beat)
        progress.report(Stage.PARSING, 1, 1)
        return parsed

    def _brought(self, job: Job, source: Path, progress: Progress) -> str:
        """Put the bytes of a file or page where they can be parsed; the name for its parser."""
        if job.source_url is None:
            self._patience.of(lambda: self._jobs.fetch(job, source), progress.beat)
            return job.filename
        page = self._bench.pages.fetch(job.source_url, progress.beat)
        upload = PageUpload(
            fence=job.fence,
            url=page.url,
            media_type=page.media_type,
            content=b64encode(page.content),
        )
        self._patience.of(
            lambda: self._jobs.put_page(job.document_version_id, upload), progress.beat
        )
        source.write_bytes(page.readable)
        return page.filename

    def _split(
        self, job: Job, parsed: Parsed, progress: Progress
    ) -> tuple[list[PassageSpan], list[str]]:
        progress.report(Stage.SPLITTING, 0, 1)
        embedder = self._bench.open_embedder()

        def count(texts: list[str]) -> list[int]:
            progress.beat()
            return embedder.count_tokens(texts)

        rule = TokenRule(count, job.passage_tokens, embedder.passage_limit_tokens)
        spans = flagged(parsed.text, split(parsed, rule))
        upload = PassagesUpload(fence=job.fence, passages=spans)
        ids = self._patience.of(
            lambda: self._jobs.put_passages(job.document_version_id, upload), progress.beat
        )
        return spans, ids.ids

    def _embed(
        self,
        job: Job,
        parsed: Parsed,
        passages: list[tuple[PassageSpan, str]],
        progress: Progress,
    ) -> int:
        """Bring the passages into the index; how many tokens the model read for that."""
        embedder = self._bench.open_embedder()
        # Passages of like length share a batch: nothing is spent on padding.
        passages.sort(key=lambda passage: passage[0].end - passage[0].start)
        done, total, tokens = 0, len(passages), 0
        progress.report(Stage.EMBEDDING, done, total)
        for first in range(0, total, self._bench.batch_passages):
            batch = [
                Indexed(passage_id, span.index, span.header, parsed.text[span.start : span.end])
                for span, passage_id in passages[first : first + self._bench.batch_passages]
            ]
            self._put(job, stamp_of(embedder), vectors_of(embedder, batch), progress)
            tokens += read_tokens(embedder, [passage.whole for passage in batch])
            done += len(batch)
            progress.report(Stage.EMBEDDING, done, total)
        return tokens

    def _put(
        self, job: Job, stamp: EmbeddingStamp, passages: list[PassageVector], progress: Progress
    ) -> None:
        message = PassageBatch(
            stamp=stamp,
            collection_id=job.collection_id,
            document_id=job.document_id,
            document_version_id=job.document_version_id,
            passages=passages,
        )
        principal = _writer_for(job)
        self._patience.of(lambda: self._index.put(principal, message), progress.beat)

    def _show(self, job: Job, tokens: int, progress: Progress) -> None:
        """Epoch first, then the index, then the gateway: what is ready can be found."""
        progress.report(Stage.INDEXING, 0, 1)
        version_id, stamp = job.document_version_id, stamp_of(self._bench.open_embedder())
        finish = FinishRequest(fence=job.fence, stamp=stamp, tokens=tokens)
        result = self._patience.of(lambda: self._jobs.finish(version_id, finish), progress.beat)
        reveal = Reveal(
            document_version_id=version_id,
            from_epoch=result.from_epoch,
            replaces_version_id=result.replaces_version_id,
        )
        principal = _writer_for(job)
        self._patience.of(lambda: self._index.reveal(principal, reveal), progress.beat)
        ready = ReadyReport(fence=job.fence)
        self._patience.of(lambda: self._jobs.ready(version_id, ready), progress.beat)

    def _after_remote(self, job: Job, error: StoreError) -> None:
        if error.code == LEASE_LOST:
            measured("documents", "taken_over")
            log.info("version %s was taken over; stopping", job.document_version_id)
        elif will_pass(error):
            log.warning("version %s: %s", job.document_version_id, error.message)
            self._fail(job, "server_error", NEIGHBOUR_AWAY, retry=True)
        else:
            log.error("version %s was refused: %s", job.document_version_id, error.message)
            self._fail(job, "server_error", error.message, retry=False)

    def _fail(self, job: Job, code: str, message: str, *, retry: bool) -> None:
        measured("documents", "to_be_tried_again" if retry else "failed")
        report = FailureReport.model_validate(
            {"fence": job.fence, "code": code, "message": message[:500], "retry": retry}
        )
        try:
            self._patience.of(lambda: self._jobs.fail(job.document_version_id, report))
        except StoreError as error:
            # The lease runs out and the sweep finds the job: nothing is lost, only later.
            log.warning("version %s: no report of its failure: %s", job.document_version_id, error)


def _writer_for(job: Job) -> Principal:
    return Principal(workspace_id=job.workspace_id, write=True)
