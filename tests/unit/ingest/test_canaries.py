"""Documents, names, addresses and messages with secrets in them go through a worker: none of it is
in its log, its traces or what it reports of a failure (T20)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from prometheus_client import generate_latest
from pydantic import HttpUrl, RedisDsn, SecretStr

from contracts.jobs import Stage
from contracts.tasks import TASKS, TaskMessage
from ingest.settings import IngestSettings, WorkLimits
from ingest.wiring import wire
from runtime.settings import SharedSettings
from tests.support.canaries import (
    FORGED_LINE,
    KEY,
    PASSWORD,
    PROMPT,
    TEXT,
    Heard,
    leaks,
    saying_everything,
)
from tests.support.hostile_web import FakeResolver, HostileWeb, hostile_web
from tests.support.neighbours import SECRET, Gateway, Index, neighbours

WORDS = f"{TEXT} {PROMPT} {KEY} password={PASSWORD}{FORGED_LINE}"
DOCUMENTS = {
    f"{TEXT}.md": f"# {TEXT}\n\n{WORDS}\n".encode(),
    f"{TEXT}{FORGED_LINE}.txt": WORDS.encode(),
    f"{TEXT}.html": f"<title>{TEXT}</title><p>{WORDS}</p><script>{KEY}</script>".encode(),
    f"{TEXT}.csv": f"name;key\n{TEXT};{KEY}\n".encode(),
    # Broken ones: what a parser says of them may quote them.
    f"{TEXT}.pdf": f"%PDF-1.7\n{WORDS}".encode(),
    f"{TEXT}.docx": f"PK\x03\x04{WORDS}".encode(),
    f"{TEXT}.json": f'{{"{TEXT}": "{KEY}"'.encode(),
    f"{TEXT}-utf16.txt": b"\xff\xfe" + WORDS.encode(),
    f"{TEXT}.exe": WORDS.encode(),
}
ADDRESSES = (
    f"http://ada:{PASSWORD}@example.org/{TEXT}?token={KEY}",
    f"http://example.org/{TEXT}?token={KEY}",
    f"http://inside.example/{TEXT}?token={KEY}",
    f"http://nowhere.example/{TEXT}?token={KEY}",
    f"gopher://example.org/{TEXT}?token={KEY}",
    f"http://127.0.0.1/{TEXT}?token={KEY}",
)


@pytest.fixture(scope="module")
def around() -> Iterator[tuple[Gateway, Index]]:
    with neighbours() as both:
        yield both


@pytest.fixture(scope="module")
def web() -> Iterator[HostileWeb]:
    with hostile_web() as web:
        yield web


@pytest.fixture(scope="module")
def heard(
    around: tuple[Gateway, Index], web: HostileWeb, tmp_path_factory: pytest.TempPathFactory
) -> Heard:
    """A worker's pipeline, and every document and address through it."""
    gateway, index = around
    folder: Path = tmp_path_factory.mktemp("worker")
    resolver = FakeResolver({"example.org": [["127.0.0.1"]], "inside.example": [["127.0.0.2"]]})
    shared = SharedSettings(
        home=folder, service_secret=SecretStr(SECRET), outbound=web.policy(body_bytes=1 << 20)
    )
    settings = IngestSettings(
        gateway_url=HttpUrl(gateway.address),
        retrieval_url=HttpUrl(index.address),
        embedding_path="hashing",
        limits=WorkLimits(patience_seconds=1, batch_passages=4),
    )
    web.page(f"/{TEXT}", f"<title>{TEXT}</title><p>{WORDS}</p>")
    with saying_everything("ingest") as heard, wire(shared, settings, resolver) as pipeline:
        for name, content in DOCUMENTS.items():
            pipeline.ingest(gateway.upload(name, content))
        for url in ADDRESSES:
            pipeline.ingest(gateway.wish(url))
            pipeline.ingest(gateway.wish(url.replace("example.org", _own(web))))
        # A neighbour that goes away.
        version = gateway.upload(f"{TEXT}.txt", WORDS.encode())
        index.away_for = 100
        pipeline.ingest(version)
        index.away_for = 0
    return heard


def _own(web: HostileWeb) -> str:
    return web.url("", "example.org").removeprefix("http://").rstrip("/")


def test_nothing_of_a_document_or_an_address_is_said(
    heard: Heard, around: tuple[Gateway, Index]
) -> None:
    ready = [each for each in around[0].records.values() if each.stage is Stage.READY]

    assert len(ready) >= 4
    assert leaks(heard.log, also=(SECRET,)) == []
    assert leaks(heard.traces, generate_latest().decode(), also=(SECRET,)) == []
    assert heard.not_ours() == []


def test_what_is_reported_of_a_failure_quotes_nothing(
    heard: Heard, around: tuple[Gateway, Index]
) -> None:
    del heard
    reports = [each.failure for each in around[0].records.values() if each.failure]

    assert len(reports) >= 4
    assert leaks(*(f"{report.code} {report.message}" for report in reports)) == []


@pytest.mark.parametrize("message", TASKS, ids=lambda message: message.name)
@pytest.mark.parametrize(
    "payload",
    [
        {"document_version_id": [WORDS], "text": WORDS, TEXT: KEY},
        {"document_version_id": f"{TEXT}/../{KEY}"},
    ],
    ids=["more", "no id"],
)
def test_a_message_with_more_in_it_than_ids_is_quoted_nowhere(
    message: type[TaskMessage], payload: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOA_REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("STOA_SERVICE_SECRET", SECRET)
    from ingest.worker import make_app

    shared = SharedSettings(
        redis_url=RedisDsn("redis://127.0.0.1:1/0"), service_secret=SecretStr(SECRET)
    )
    app: Celery = make_app(shared, IngestSettings(embedding_path="hashing"))
    with saying_everything("ingest") as heard:
        ended = app.tasks[message.name].apply(kwargs=payload, headers={"x-request-id": WORDS})

    assert ended.failed()
    assert "ValidationError" in heard.log
    assert leaks(heard.log, heard.traces) == []
    assert heard.not_ours() == []
