"""Stand-ins of the worker's neighbours, served over real HTTP on loopback ports.

    with neighbours() as (gateway, index):
        version = gateway.upload("rules.md", b"# Rules")   # claimable as `version`
        gateway.address, index.address                     # for INGEST_*_URL

`Gateway` keeps jobs with fences and leases as the real one does and refuses stale ones; `Index`
keeps vectors by passage id. Both check service tokens signed with SECRET, and both can be `away`.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, FastAPI, Header, Request
from starlette.responses import JSONResponse, Response

from contracts.errors import ErrorKind, StoreError
from contracts.jobs import (
    FailureReport,
    FinishRequest,
    FinishResult,
    Job,
    PageUpload,
    PassageIds,
    PassageSpan,
    PassagesUpload,
    ProgressReport,
    PurgeJob,
    PurgeReport,
    ReadyReport,
    Stage,
    SweepResult,
    TextUpload,
)
from contracts.page_pictures import PicturesUpload, PictureUpload
from contracts.passages import PassageBatch, PassageCount, Reveal
from contracts.principal import Principal
from runtime.problems import problem
from runtime.service_auth import ServiceTokens
from tests.support.engines import free_port
from tests.support.waiting import wait_until

SECRET = "a service secret that only tests know"
WORKSPACE = "ws_lindwick"


class Refused(StoreError):
    """An answer of the stand-in: kind and code as the real service gives them."""

    def __init__(self, kind: ErrorKind, code: str) -> None:
        super().__init__(f"stand-in: {code}")
        self.kind = kind
        self.code = code


@dataclass
class Record:
    """What the gateway knows about a document version."""

    name: str
    content: bytes
    source_url: str | None = None
    page: PageUpload | None = None
    stage: Stage = Stage.QUEUED
    fence: int = 0
    lease_until: float = 0
    text: TextUpload | None = None
    pictures: dict[int, PictureUpload] = field(default_factory=dict)
    passages: list[PassageSpan] = field(default_factory=list)
    reports: list[ProgressReport] = field(default_factory=list)
    failure: FailureReport | None = None
    embedded_tokens: int = 0
    purge_remaining: int | None = None

    @property
    def is_leased(self) -> bool:
        """A worker holds it, or is believed to."""
        return self.lease_until > time.monotonic()

    @property
    def is_final(self) -> bool:
        """Ready, or failed for good."""
        return self.stage in (Stage.READY, Stage.FAILED)


class Server:
    """One app on one port, which can be away: it then answers 503, as a proxy would."""

    def __init__(self, audience: str) -> None:
        self.port = free_port()
        self.requests = 0
        self.away_for = 0  # requests still to be refused
        self._tokens = ServiceTokens(SECRET.encode(), audience)
        self.app = FastAPI()
        self.app.middleware("http")(self._answer)
        self.app.exception_handler(StoreError)(_as_problem)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def caller(self, authorization: str) -> Principal:
        return self._tokens.verify(authorization.removeprefix("Bearer "))

    async def _answer(self, request: Request, go_on: Any) -> Response:
        self.requests += 1
        if self.away_for > 0:
            self.away_for -= 1
            return Response(status_code=503)
        answer: Response = await go_on(request)
        return answer


class Gateway(Server):
    """The job API over records in memory."""

    def __init__(self, lease_seconds: int = 30) -> None:
        super().__init__("gateway")
        self.lease_seconds = lease_seconds
        self.records: dict[str, Record] = {}
        self.sweeps = 0
        self.refuses_pictures = False
        self._epochs = itertools.count(1)
        router = APIRouter(prefix="/internal/jobs")
        for method, path, handler in (
            ("POST", "/sweep", self._sweep),
            ("POST", "/{version}/claim", self._claim),
            ("GET", "/{version}/content", self._content),
            ("PUT", "/{version}/page", self._page),
            ("PUT", "/{version}/text", self._text),
            ("PUT", "/{version}/pictures", self._pictures),
            ("PUT", "/{version}/passages", self._passages),
            ("POST", "/{version}/progress", self._progress),
            ("POST", "/{version}/finish", self._finish),
            ("POST", "/{version}/ready", self._ready),
            ("POST", "/{version}/failure", self._failure),
            ("GET", "/{version}/purge", self._purge),
            ("POST", "/{version}/purge", self._purged),
        ):
            router.add_api_route(path, handler, methods=[method], response_model=None)
        self.app.include_router(router)

    def upload(self, name: str, content: bytes) -> str:
        """A document version that waits to be claimed."""
        version = f"dv_{len(self.records)}"
        self.records[version] = Record(name, content)
        return version

    def wish(self, url: str) -> str:
        """A web page that waits to be claimed."""
        version = self.upload("page", b"")
        self.records[version].source_url = url
        return version

    def _record(self, version: str) -> Record:
        if version not in self.records:
            raise Refused(ErrorKind.NOT_FOUND, "job_not_found")
        return self.records[version]

    def _held(self, version: str, fence: int) -> Record:
        record = self._record(version)
        if record.fence != fence or record.is_final:
            raise Refused(ErrorKind.CONFLICT, "lease_lost")
        record.lease_until = time.monotonic() + self.lease_seconds
        return record

    def _claim(self, version: str, authorization: Annotated[str, Header()]) -> Job:
        self.caller(authorization)
        record = self._record(version)
        if record.is_final or record.is_leased:
            raise Refused(ErrorKind.CONFLICT, "job_not_claimable")
        record.fence += 1
        record.lease_until = time.monotonic() + self.lease_seconds
        return Job(
            document_version_id=version,
            document_id=f"file-{version}",
            collection_id="vs_rules",
            workspace_id=WORKSPACE,
            filename=record.name,
            media_type="application/octet-stream",
            size_bytes=len(record.content),
            source_url=record.source_url,
            fence=record.fence,
            lease_seconds=self.lease_seconds,
            attempt=record.fence,
        )

    def _content(self, version: str) -> Response:
        return Response(self._record(version).content)

    def _page(self, version: str, upload: PageUpload) -> ProgressReport:
        self._held(version, upload.fence).page = upload
        return ProgressReport(fence=upload.fence, stage=Stage.PARSING, done=0, total=1)

    def _text(self, version: str, upload: TextUpload) -> ProgressReport:
        self._held(version, upload.fence).text = upload
        return ProgressReport(fence=upload.fence, stage=Stage.PARSING, done=1, total=1)

    def _pictures(self, version: str, upload: PicturesUpload) -> ProgressReport:
        if self.refuses_pictures:
            raise Refused(ErrorKind.UNPROCESSABLE, "not_a_picture")
        pictures = self._held(version, upload.fence).pictures
        pictures |= {picture.number: picture for picture in upload.pictures}
        return ProgressReport(fence=upload.fence, stage=Stage.PARSING, done=1, total=1)

    def _passages(self, version: str, upload: PassagesUpload) -> PassageIds:
        self._held(version, upload.fence).passages = upload.passages
        return PassageIds(ids=[f"psg_{version}_{span.index}" for span in upload.passages])

    def _progress(self, version: str, report: ProgressReport) -> ProgressReport:
        record = self._held(version, report.fence)
        record.stage = report.stage
        record.reports.append(report)
        return report

    def _finish(self, version: str, request: FinishRequest) -> FinishResult:
        self._held(version, request.fence).embedded_tokens = request.tokens
        return FinishResult(from_epoch=next(self._epochs), replaces_version_id=None)

    def _ready(self, version: str, report: ReadyReport) -> ReadyReport:
        self._held(version, report.fence).stage = Stage.READY
        return report

    def _failure(self, version: str, report: FailureReport) -> FailureReport:
        record = self._held(version, report.fence)
        record.failure = report
        record.stage = Stage.QUEUED if report.retry else Stage.FAILED
        record.lease_until = 0
        return report

    def _purge(self, version: str) -> PurgeJob:
        self._record(version)
        return PurgeJob(document_version_id=version, workspace_id=WORKSPACE)

    def _purged(self, version: str, report: PurgeReport) -> PurgeReport:
        self._record(version).purge_remaining = report.remaining
        return report

    def _sweep(self) -> SweepResult:
        self.sweeps += 1
        return SweepResult(requeued=0, failed=0)


class Index(Server):
    """Vectors by passage id, unseen until their version is revealed."""

    def __init__(self) -> None:
        super().__init__("retrieval")
        self.batches: list[PassageBatch] = []
        self.vectors: dict[str, dict[str, list[float]]] = {}
        self.revealed: dict[str, int] = {}
        self.on_batch: Callable[[], None] = lambda: None
        self.app.add_api_route("/v1/passages", self._put, methods=["PUT"])
        self.app.add_api_route("/v1/passages/reveal", self._reveal, methods=["POST"])
        self.app.add_api_route("/v1/versions/{version}", self._delete, methods=["DELETE"])

    def _writer(self, authorization: str) -> None:
        principal = self.caller(authorization)
        if principal.workspace_id != WORKSPACE or not principal.write:
            raise Refused(ErrorKind.FORBIDDEN, "not_a_writer")

    def _put(self, batch: PassageBatch, authorization: Annotated[str, Header()]) -> PassageCount:
        self._writer(authorization)
        self.on_batch()
        self.batches.append(batch)
        held = self.vectors.setdefault(batch.document_version_id, {})
        held.update({passage.passage_id: passage.vector for passage in batch.passages})
        return PassageCount(document_version_id=batch.document_version_id, count=len(held))

    def _reveal(self, reveal: Reveal, authorization: Annotated[str, Header()]) -> PassageCount:
        self._writer(authorization)
        self.revealed[reveal.document_version_id] = reveal.from_epoch
        held = self.vectors.get(reveal.document_version_id, {})
        return PassageCount(document_version_id=reveal.document_version_id, count=len(held))

    def _delete(self, version: str, authorization: Annotated[str, Header()]) -> PassageCount:
        self._writer(authorization)
        self.vectors.pop(version, None)
        return PassageCount(document_version_id=version, count=0)


@contextmanager
def neighbours(lease_seconds: int = 30) -> Iterator[tuple[Gateway, Index]]:
    """Both, listening."""
    gateway, index = Gateway(lease_seconds), Index()
    with _listening(gateway), _listening(index):
        yield gateway, index


@contextmanager
def _listening(stand_in: Server) -> Iterator[None]:
    config = uvicorn.Config(stand_in.app, port=stand_in.port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name=f"stand-in-{stand_in.port}")
    thread.start()
    try:
        wait_until(lambda: server.started, seconds=20, what="the stand-in to listen")
        yield
    finally:
        server.should_exit = True
        thread.join(20)


async def _as_problem(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, StoreError):
        raise error
    return problem(error, None)
