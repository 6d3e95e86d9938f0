"""A worker for small text files, fed with what the gateway's outbox relay has sent.

    with working(gateway, retrieval_address, folder) as worker:
        …                       # uploads become ready, what was deleted is purged
        worker.paused.set()     # uploads stay queued until it is cleared

It speaks the real job API and the real index, one passage a paragraph, without parsing: Celery,
the parsers and the pipeline have tests of their own. A PDF fails as a broken one does.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx2

from contracts.clients.retrieval import IndexClient
from contracts.errors import RemoteError
from contracts.jobs import (
    ClaimRequest,
    FailureReport,
    FinishRequest,
    Job,
    PassageSpan,
    PassagesUpload,
    PurgeReport,
    ReadyReport,
    TextUpload,
)
from contracts.passages import PassageBatch, Reveal
from contracts.principal import Principal
from embedding.adapters.embedder_hashing import HashingEmbedder
from ingest.indexed import Indexed, stamp_of, vectors_of
from runtime.outgoing import known_authorities
from runtime.service_auth import ServiceTokens
from tests.support.gateway import RunningGateway

_LOOK_SECONDS = 0.01
_STOP_SECONDS = 30.0
_EMBEDDER = HashingEmbedder()


@dataclass
class DocumentWorker:
    """Takes task after task. One that was waiting when it was paused is done afterwards."""

    gateway: RunningGateway
    index: IndexClient
    folder: Path
    paused: threading.Event = field(default_factory=threading.Event)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        done, sent = 0, self.gateway.sender.sent
        while not self._stopped.wait(_LOOK_SECONDS):
            while not self.paused.is_set() and len(sent) > done:
                self._do(sent[done].name, sent[done].payload["document_version_id"])
                done += 1

    def stop(self) -> None:
        self._stopped.set()

    def _do(self, name: str, version_id: str) -> None:
        try:
            if name == "ingest.document":
                self._ingest(self.gateway.jobs().claim(version_id, ClaimRequest(worker="test")))
            else:
                self._purge(version_id)
        except RemoteError:
            return  # deleted meanwhile, or purged before

    def _ingest(self, job: Job) -> None:
        jobs, version_id = self.gateway.jobs(), job.document_version_id
        if job.filename.endswith(".pdf"):
            report = FailureReport(
                fence=job.fence, code="invalid_file", message="No PDF.", retry=False
            )
            jobs.fail(version_id, report)
            return
        copy = self.folder / version_id
        jobs.fetch(job, copy)
        text = copy.read_text(encoding="utf-8")
        jobs.put_text(version_id, TextUpload(fence=job.fence, title=job.filename, text=text))
        spans = _paragraphs(text)
        ids = jobs.put_passages(version_id, PassagesUpload(fence=job.fence, passages=spans)).ids
        self._index(job, ids, [text[span.start : span.end] for span in spans])
        finished = jobs.finish(
            version_id, FinishRequest(fence=job.fence, stamp=stamp_of(_EMBEDDER))
        )
        self.index.reveal(
            _writer(job.workspace_id),
            Reveal(
                document_version_id=version_id,
                from_epoch=finished.from_epoch,
                replaces_version_id=finished.replaces_version_id,
            ),
        )
        jobs.ready(version_id, ReadyReport(fence=job.fence))

    def _index(self, job: Job, ids: list[str], texts: list[str]) -> None:
        passages = [
            Indexed(passage_id, number, "", text)
            for number, (passage_id, text) in enumerate(zip(ids, texts, strict=True))
        ]
        batch = PassageBatch(
            stamp=stamp_of(_EMBEDDER),
            collection_id=job.collection_id,
            document_id=job.document_id,
            document_version_id=job.document_version_id,
            passages=vectors_of(_EMBEDDER, passages),
        )
        self.index.put(_writer(job.workspace_id), batch)

    def _purge(self, version_id: str) -> None:
        purge = self.gateway.jobs().purge(version_id)
        left = self.index.purge(_writer(purge.workspace_id), version_id).count
        self.gateway.jobs().purged(version_id, PurgeReport(remaining=left))


def _paragraphs(text: str) -> list[PassageSpan]:
    spans: list[PassageSpan] = []
    start = 0
    for paragraph in text.split("\n\n"):
        end = start + len(paragraph)
        if paragraph.strip():
            spans.append(PassageSpan(index=len(spans), start=start, end=end, page=1))
        start = end + 2
    return spans


def _writer(workspace_id: str) -> Principal:
    return Principal(workspace_id=workspace_id, write=True)


@contextmanager
def working(
    gateway: RunningGateway, retrieval_address: str, folder: Path
) -> Iterator[DocumentWorker]:
    """A worker, until the block ends."""
    tokens = ServiceTokens(gateway.settings.shared.service_key(), "ingest")
    with httpx2.Client(base_url=retrieval_address, timeout=30, verify=known_authorities()) as http:
        index = IndexClient(http, partial(tokens.sign, "retrieval"))
        worker = DocumentWorker(gateway, index, folder)
        thread = threading.Thread(target=worker.work, name="document worker")
        thread.start()
        try:
            yield worker
        finally:
            worker.stop()
            thread.join(_STOP_SECONDS)
