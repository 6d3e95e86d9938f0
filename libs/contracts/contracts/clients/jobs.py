"""The gateway's internal job API as the ingest worker calls it."""

from pathlib import Path

import httpx2
from pydantic import BaseModel

from contracts.avatars import AvatarReport
from contracts.clients.http import M, Sign, parsed, remote_error, unreachable
from contracts.jobs import (
    ClaimRequest,
    FailureReport,
    FinishRequest,
    FinishResult,
    Job,
    PageUpload,
    PassageIds,
    PassagesUpload,
    ProgressReport,
    PurgeJob,
    PurgeReport,
    ReadyReport,
    ReindexJob,
    ReindexReport,
    SweepRequest,
    SweepResult,
    TextUpload,
)
from contracts.page_pictures import PicturesUpload
from contracts.principal import Principal

SERVICE = "gateway"
_WORKER = Principal(write=True)


class JobsClient:
    """Claim, report, finish. A stale fence answers RemoteError `lease_lost` (409): stop at once."""

    def __init__(self, http: httpx2.Client, sign: Sign) -> None:
        self._http = http
        self._sign = sign

    def claim(self, version_id: str, request: ClaimRequest) -> Job:
        """Take a job. RemoteError `job_not_claimable` (409): another holds it, or it is final."""
        return self._call(Job, "POST", f"/{version_id}/claim", request)

    def fetch(self, job: Job, target: Path) -> None:
        """Write the file's bytes to `target`, streamed."""
        self._fetched(f"/{job.document_version_id}/content", target)

    def fetch_avatar(self, upload_id: str, target: Path) -> None:
        """Write what was uploaded to `target`. RemoteError (404): it is not wanted any more."""
        self._fetched(f"/avatars/{upload_id}", target)

    def put_avatar(self, upload_id: str, report: AvatarReport) -> None:
        """Hand in what was made of it."""
        self._call(AvatarReport, "PUT", f"/avatars/{upload_id}", report)

    def _fetched(self, path: str, target: Path) -> None:
        try:
            with self._http.stream(
                "GET", f"/internal/jobs{path}", headers=self._headers()
            ) as response:
                if not response.is_success:
                    response.read()
                    raise remote_error(response)
                with target.open("wb") as out:
                    for block in response.iter_bytes(1 << 20):
                        out.write(block)
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error

    def put_page(self, version_id: str, upload: PageUpload) -> None:
        """Store what a web page held; the file's bytes are now these."""
        self._call(ProgressReport, "PUT", f"/{version_id}/page", upload)

    def put_text(self, version_id: str, upload: TextUpload) -> None:
        """Store the parsed text; passages point into it."""
        self._call(ProgressReport, "PUT", f"/{version_id}/text", upload)

    def put_pictures(self, version_id: str, upload: PicturesUpload) -> None:
        """Store pictures of some pages; a page that was sent before is replaced."""
        self._call(ProgressReport, "PUT", f"/{version_id}/pictures", upload)

    def put_passages(self, version_id: str, upload: PassagesUpload) -> PassageIds:
        """Store the passages; sent again they replace the former and keep their ids."""
        return self._call(PassageIds, "PUT", f"/{version_id}/passages", upload)

    def report(self, version_id: str, progress: ProgressReport) -> None:
        """Say how far the work is, and renew the lease."""
        self._call(ProgressReport, "POST", f"/{version_id}/progress", progress)

    def finish(self, version_id: str, request: FinishRequest) -> FinishResult:
        """Ask for the version's epoch. Repeated, it answers the same."""
        return self._call(FinishResult, "POST", f"/{version_id}/finish", request)

    def ready(self, version_id: str, report: ReadyReport) -> None:
        """The index shows it."""
        self._call(ReadyReport, "POST", f"/{version_id}/ready", report)

    def fail(self, version_id: str, report: FailureReport) -> None:
        """Give up, or ask for another attempt."""
        self._call(FailureReport, "POST", f"/{version_id}/failure", report)

    def purge(self, version_id: str) -> PurgeJob:
        """What to purge."""
        return self._call(PurgeJob, "GET", f"/{version_id}/purge", None)

    def purged(self, version_id: str, report: PurgeReport) -> None:
        """What is left after a purge."""
        self._call(PurgeReport, "POST", f"/{version_id}/purge", report)

    def reindex(self, version_id: str) -> ReindexJob:
        """What the index should hold of a ready version."""
        return self._call(ReindexJob, "GET", f"/{version_id}/reindex", None)

    def reindexed(self, version_id: str, report: ReindexReport) -> None:
        """The index holds it."""
        self._call(ReindexReport, "POST", f"/{version_id}/reindex", report)

    def sweep(self, request: SweepRequest | None = None) -> SweepResult:
        """Queue again what lost its worker, and what the index holds no more."""
        return self._call(SweepResult, "POST", "/sweep", request)

    def _call(self, kind: type[M], method: str, path: str, body: BaseModel | None) -> M:
        try:
            response = self._http.request(
                method,
                f"/internal/jobs{path}",
                content=None if body is None else body.model_dump_json(),
                headers=self._headers(),
            )
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error
        return parsed(kind, response)

    def _headers(self) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self._sign(_WORKER)}",
            "content-type": "application/json",
        }
