"""A ready version put back into the index from the gateway's own rows: after a restore, mostly.

Nothing is parsed or split again, so passages keep their ids and old citations their targets.
"""

import logging

from contracts.clients.jobs import JobsClient
from contracts.clients.retrieval import IndexClient
from contracts.errors import ErrorKind, RemoteError
from contracts.jobs import ReindexJob, ReindexReport
from contracts.passages import PassageBatch, Reveal
from contracts.principal import Principal
from embedding.port import Embedder
from ingest.indexed import Indexed, stamp_of, vectors_of
from ingest.patience import Patience

log = logging.getLogger(__name__)


class Reindexing:
    """Makes the index hold exactly what the gateway says. Safe to repeat."""

    def __init__(self, jobs: JobsClient, index: IndexClient, patience: Patience) -> None:
        self._jobs = jobs
        self._index = index
        self._patience = patience

    def carry(self, version_id: str, embedder: Embedder, batch_passages: int) -> None:
        """Embed a version again, unless the index has all of it; then set its epochs."""
        try:
            job = self._patience.of(lambda: self._jobs.reindex(version_id))
        except RemoteError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
            return  # deleted meanwhile
        principal = Principal(workspace_id=job.workspace_id, write=True)
        held = self._patience.of(lambda: self._index.count(principal, version_id)).count
        if held != len(job.passages):
            self._patience.of(lambda: self._index.purge(principal, version_id))
            self._embed(principal, job, embedder, batch_passages)
        self._show(principal, job, embedder)
        log.info(
            "version %s is in the index: %d of %d were there", version_id, held, len(job.passages)
        )

    def _embed(
        self, principal: Principal, job: ReindexJob, embedder: Embedder, batch_passages: int
    ) -> None:
        passages = sorted(
            (
                Indexed(passage.passage_id, passage.index, passage.header, passage.text)
                for passage in job.passages
            ),
            key=lambda passage: len(passage.text),
        )
        for first in range(0, len(passages), batch_passages):
            batch = passages[first : first + batch_passages]
            message = PassageBatch(
                stamp=stamp_of(embedder),
                collection_id=job.collection_id,
                document_id=job.document_id,
                document_version_id=job.document_version_id,
                passages=vectors_of(embedder, batch),
            )
            self._put(principal, message)

    def _put(self, principal: Principal, message: PassageBatch) -> None:
        self._patience.of(lambda: self._index.put(principal, message))

    def _show(self, principal: Principal, job: ReindexJob, embedder: Embedder) -> None:
        version_id = job.document_version_id
        reveal = Reveal(
            document_version_id=version_id, from_epoch=job.from_epoch, until_epoch=job.until_epoch
        )
        self._patience.of(lambda: self._index.reveal(principal, reveal))
        report = ReindexReport(stamp=stamp_of(embedder))
        try:
            self._patience.of(lambda: self._jobs.reindexed(version_id, report))
        except RemoteError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
            # Deleted while it was put back: its own purge may have come first.
            self._patience.of(lambda: self._index.purge(principal, version_id))
