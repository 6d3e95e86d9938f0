"""A web page by its address: wished for through the API, its bytes handed in by a worker."""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.accounts import Power
from contracts.errors import RemoteError
from contracts.jobs import FailureReport, PageUpload
from gateway.knowledge.rules import page_label
from runtime.outbound.policy import OutboundPolicy
from runtime.settings import SharedSettings
from tests.support.forbidden_addresses import forbidden_urls
from tests.support.gateway import (
    SERVICE_SECRET,
    Person,
    RunningGateway,
    found,
    gateway_settings,
    running_gateway,
)
from tests.support.hostile_web import connections
from tests.unit.gateway.working import carry, claim, collection_of, document_of, version_sent

URL = "https://example.org/rules/leave.html?lang=en"


def added(person: Person, collection_id: str, url: str = URL) -> dict[str, object]:
    status, document = person.post(f"/v1/vector_stores/{collection_id}/urls", {"url": url})
    assert status == 202, document
    answer: dict[str, object] = document
    return answer


def fetched(content: bytes = b"<p>Leave.</p>", url: str = URL, fence: int = 1) -> PageUpload:
    return PageUpload.model_validate(
        {"fence": fence, "url": url, "media_type": "text/html", "content": _encoded(content)}
    )


def _encoded(content: bytes) -> bytes:
    return b64encode(content)


def test_a_page_becomes_a_file_of_the_collection(ada: Person) -> None:
    collection_id = collection_of(ada)
    document = added(ada, collection_id, " HTTPS://Example.org:443/rules/leave.html?lang=en#top")

    assert document["object"] == "vector_store.file"
    assert document["status"] == "in_progress"
    assert document["filename"] == "example.org leave.html"
    assert document["source_url"] == URL
    assert document["attributes"] == {"source_url": URL}
    assert document["usage_bytes"] == 0
    assert ada.get(f"/v1/files/{document['id']}")[1]["bytes"] == 0


def test_adding_opens_no_socket_to_the_page(ada: Person) -> None:
    collection_id = collection_of(ada)
    with connections() as opened:
        added(ada, collection_id, "https://203-0-113-9.example.org/")

    assert all(str(address).startswith("('127.0.0.1'") for address in opened)


def test_the_worker_gets_the_address_and_hands_in_what_it_held(
    gateway: RunningGateway, ada: Person
) -> None:
    collection_id = collection_of(ada)
    file_id = added(ada, collection_id)["id"]
    version_id = version_sent(gateway)
    job = claim(gateway, version_id)
    moved = "https://www.example.org/leave"
    gateway.jobs().put_page(version_id, fetched(url=moved, fence=job.fence))
    _, document = ada.get(f"/v1/vector_stores/{collection_id}/files/{file_id}")
    content = gateway.http.get(f"/v1/files/{file_id}/content", headers=ada.headers())

    assert job.source_url == URL
    assert content.content == b"<p>Leave.</p>"
    assert content.headers["content-disposition"].startswith("attachment")
    assert (document["source_url"], document["fetched_url"]) == (URL, moved)
    assert document["usage_bytes"] == len(b"<p>Leave.</p>")


def test_fetched_again_a_page_leaves_no_bytes_behind(
    gateway: RunningGateway, ada: Person, tmp_path: Path
) -> None:
    added(ada, collection_of(ada))
    version_id = version_sent(gateway)
    job = claim(gateway, version_id)
    for content in (b"one", b"two"):
        gateway.jobs().put_page(version_id, fetched(content, fence=job.fence))
    kept = [path.read_bytes() for path in (tmp_path / "blobs").rglob("*") if path.is_file()]

    assert kept == [b"two"]


def test_the_same_page_is_read_again_as_its_next_version(
    gateway: RunningGateway, ada: Person, tmp_path: Path
) -> None:
    collection_id = collection_of(ada)
    first = added(ada, collection_id)
    waiting = added(ada, collection_id)
    carry(gateway, version_sent(gateway))
    again = added(ada, collection_id, f"{URL}#elsewhere")

    assert first["id"] == waiting["id"] == again["id"]
    assert (waiting["document_version"], again["document_version"]) == (1, 2)
    assert claim(gateway, version_sent(gateway, 2)).source_url == URL
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 2


def test_another_try_fetches_the_page_again(gateway: RunningGateway, ada: Person) -> None:
    collection_id = collection_of(ada)
    file_id = added(ada, collection_id)["id"]
    version_id = version_sent(gateway)
    job = claim(gateway, version_id)
    report = FailureReport(fence=job.fence, code="invalid_file", message="No page.", retry=False)
    gateway.jobs().fail(version_id, report)
    _, failed = ada.get(f"/v1/vector_stores/{collection_id}/files/{file_id}")
    status, _ = ada.post(f"/v1/vector_stores/{collection_id}/files/{file_id}/retry")

    assert failed["last_error"] == {"code": "invalid_file", "message": "No page."}
    assert status == 200
    assert claim(gateway, version_sent(gateway, 2)).source_url == URL


def test_a_passage_says_where_it_was_read(gateway: RunningGateway, ada: Person) -> None:
    collection_id = collection_of(ada)
    added(ada, collection_id)
    version_id = version_sent(gateway)
    passage_id = carry(gateway, version_id)[0]

    assert ada.get(f"/v1/passages/{passage_id}")[1]["source_url"] == URL


def test_an_uploaded_file_has_no_address_and_takes_no_page(
    gateway: RunningGateway, ada: Person
) -> None:
    collection_id = collection_of(ada)
    file_id = document_of(ada, collection_id)
    version_id = version_sent(gateway)
    job = claim(gateway, version_id)
    with pytest.raises(RemoteError) as refusal:
        gateway.jobs().put_page(version_id, fetched(fence=job.fence))

    assert refusal.value.code == "not_a_web_page"
    assert job.source_url is None
    _, document = ada.get(f"/v1/vector_stores/{collection_id}/files/{file_id}")
    assert document["source_url"] is None


def test_who_lost_the_lease_stores_nothing(
    gateway: RunningGateway, ada: Person, tmp_path: Path
) -> None:
    added(ada, collection_of(ada))
    version_id = version_sent(gateway)
    fence = claim(gateway, version_id).fence
    with pytest.raises(RemoteError) as refusal:
        gateway.jobs().put_page(version_id, fetched(fence=fence - 1))

    assert refusal.value.code == "lease_lost"
    blobs = [path.read_bytes() for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert blobs == [b""]


def test_an_address_that_is_not_public_is_refused_at_once(
    gateway: RunningGateway, ada: Person
) -> None:
    path = f"/v1/vector_stores/{collection_of(ada)}/urls"
    urls = forbidden_urls(8_080)
    answers = {url: ada.post(path, {"url": url}) for url in urls}
    rows = asyncio.run(found(gateway.database_url, "SELECT id FROM files"))

    assert [url for url, (status, _) in answers.items() if status not in (400, 422)] == []
    assert {error["param"] for _, error in answers.values()} == {"url"}
    assert rows == []


def test_only_an_address_is_taken(ada: Person) -> None:
    path = f"/v1/vector_stores/{collection_of(ada)}/urls"
    bodies: list[object] = [{}, {"url": 1}, {"url": URL, "file_id": "file-1"}, {"urls": []}]

    assert {ada.post(path, body)[0] for body in bodies} <= {400, 422}


def test_only_who_may_change_a_collection_adds_a_page(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    collection_id = collection_of(ada)
    guest = gateway.enrol("Gus", power=Power.GUEST, beside=ada)
    member = gateway.enrol("Mia", power=Power.MEMBER, beside=ada)
    reader = gateway.with_key(ada, "read")
    path, body = f"/v1/vector_stores/{collection_id}/urls", {"url": URL}

    assert bob.post(path, body)[0] == 404
    assert guest.post(path, body)[0] in (403, 404)
    assert member.post(path, body)[0] in (403, 404)
    assert reader.post(path, body)[0] == 403
    assert ada.get(f"/v1/vector_stores/{collection_id}/files")[1]["data"] == []


@pytest.fixture
def closed(gateway: RunningGateway, database_url: str, tmp_path: Path) -> Iterator[RunningGateway]:
    """A second gateway over the same database, whose operator reads no web pages."""
    settings = gateway_settings(database_url, tmp_path)
    shared = settings.shared.model_copy(update={"web_pages": False})
    with running_gateway(
        database_url,
        tmp_path,
        settings=settings.model_copy(update={"shared": shared}),
        sender=gateway.sender,
    ) as running:
        yield running


def test_switched_off_the_route_and_the_worker_are_refused(
    gateway: RunningGateway, closed: RunningGateway, ada: Person
) -> None:
    collection_id = collection_of(ada)
    added(ada, collection_id)
    version_id = version_sent(gateway)
    fence = claim(gateway, version_id).fence
    ada_there = Person(closed.http, ada.token)
    path = f"/v1/vector_stores/{collection_id}/urls"
    status, error = ada_there.post(path, {"url": "https://example.org/other"})
    with pytest.raises(RemoteError) as refusal:
        closed.jobs().put_page(version_id, fetched(fence=fence))

    assert (status, error["code"]) == (403, "web_pages_off")
    assert refusal.value.code == "web_pages_off"


def test_the_policy_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOA_WEB_PAGES", "false")
    monkeypatch.setenv("STOA_OUTBOUND__ALLOWED_HOSTS", '["Example.org", "*.example.com"]')
    monkeypatch.setenv("STOA_OUTBOUND__BODY_BYTES", "1000")
    shared = SharedSettings(service_secret=SecretStr(SERVICE_SECRET))

    assert not shared.web_pages
    assert shared.outbound == OutboundPolicy(
        allowed_hosts=("example.org", "*.example.com"), body_bytes=1_000
    )


@pytest.mark.parametrize(
    ("target", "label"),
    [
        ("/", "example.org"),
        ("/a/b.html?c=/d", "example.org b.html"),
        ("/%E6%9F%B1%E5%BB%8A/", "example.org 柱廊"),
        ("/a/..%2F..%2Fetc%2Fpasswd", "example.org passwd"),
        ("/%00%0A", "example.org"),
        (f"/{'x' * 900}", f"example.org {'x' * 243}"),
    ],
)
def test_a_page_is_named_by_its_host_and_the_end_of_its_path(target: str, label: str) -> None:
    assert page_label("example.org", target) == label
