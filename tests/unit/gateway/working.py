"""The ingest worker, as far as the gateway sees it."""

from base64 import b64encode

from contracts.jobs import (
    ClaimRequest,
    FinishRequest,
    FinishResult,
    Job,
    ParsedPage,
    PassageSpan,
    PassagesUpload,
    ReadyReport,
    TextUpload,
)
from contracts.page_pictures import PicturesUpload, PictureUpload
from contracts.passages import EmbeddingStamp
from tests.support import documents
from tests.support.gateway import Person, RunningGateway
from tests.support.waiting import wait_until

STAMP = EmbeddingStamp(model_id="test", dimension=3, revision="0123456789abcdef")
TEXT = "The colonnade is open. 柱廊全天开放。"


def version_sent(gateway: RunningGateway, number: int = 1) -> str:
    """The version of the n-th ingest task that the relay has sent."""

    def sent() -> str | None:
        tasks = [task for task in gateway.sender.sent if task.name == "ingest.document"]
        return tasks[number - 1].payload["document_version_id"] if len(tasks) >= number else None

    version_id = wait_until(sent, seconds=20, what=f"ingest task {number}")
    assert version_id is not None
    return version_id


def claim(gateway: RunningGateway, version_id: str) -> Job:
    return gateway.jobs().claim(version_id, ClaimRequest(worker="test worker"))


def write_passages(gateway: RunningGateway, job: Job, text: str = TEXT) -> list[str]:
    """Store the text and one passage that is all of it."""
    jobs, version_id = gateway.jobs(), job.document_version_id
    pages = [ParsedPage(number=1, start=0)]
    jobs.put_text(version_id, TextUpload(fence=job.fence, title="Rules", text=text, pages=pages))
    whole = PassageSpan(index=0, start=0, end=len(text), page=1, header="Rules")
    return jobs.put_passages(version_id, PassagesUpload(fence=job.fence, passages=[whole])).ids


def finish(gateway: RunningGateway, job: Job) -> FinishResult:
    request = FinishRequest(fence=job.fence, stamp=STAMP)
    return gateway.jobs().finish(job.document_version_id, request)


def write_picture(gateway: RunningGateway, job: Job, content: bytes | None = None) -> None:
    """Store a picture of page 1, on which the first ten characters stand side by side."""
    picture = {
        "number": 1,
        "media_type": "image/png",
        "width": 600,
        "height": 800,
        "content": b64encode(content or documents.picture()),
        "runs": [{"start": 0, "top": 500, "bottom": 700, "edges": list(range(1000, 3001, 200))}],
    }
    upload = PicturesUpload(fence=job.fence, pictures=[PictureUpload.model_validate(picture)])
    gateway.jobs().put_pictures(job.document_version_id, upload)


def carry(
    gateway: RunningGateway, version_id: str, text: str = TEXT, *, has_picture: bool = False
) -> list[str]:
    """The whole journey; the ids of the passages."""
    job = claim(gateway, version_id)
    passage_ids = write_passages(gateway, job, text)
    if has_picture:
        write_picture(gateway, job)
    finish(gateway, job)
    gateway.jobs().ready(version_id, ReadyReport(fence=job.fence))
    return passage_ids


def document_of(person: Person, collection_id: str, filename: str = "rules.txt") -> str:
    """A file put into a collection; its id."""
    _, file = person.upload(filename, TEXT.encode())
    status, document = person.post(
        f"/v1/vector_stores/{collection_id}/files", {"file_id": file["id"]}
    )
    assert status == 200, document
    file_id: str = file["id"]
    return file_id


def collection_of(person: Person, name: str = "Rules") -> str:
    _, collection = person.post("/v1/vector_stores", {"name": name})
    collection_id: str = collection["id"]
    return collection_id
