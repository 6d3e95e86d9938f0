"""The whole journey of a document, in this process, between neighbours over HTTP."""

from itertools import pairwise

import pytest

from contracts.jobs import Stage
from embedding.adapters.embedder_hashing import HashingEmbedder
from embedding.port import read_tokens
from ingest.pipeline import Pipeline
from tests.support import documents
from tests.support.neighbours import Gateway, Index, Record


def _ingested(gateway: Gateway, pipeline: Pipeline, name: str, content: bytes) -> Record:
    version = gateway.upload(name, content)
    pipeline.ingest(version)
    return gateway.records[version]


@pytest.mark.parametrize("document", documents.all_documents(), ids=lambda document: document.name)
def test_a_document_becomes_ready_with_all_its_passages_in_the_index(
    gateway: Gateway, index: Index, pipeline: Pipeline, document: documents.Document
) -> None:
    record = _ingested(gateway, pipeline, document.name, document.content)

    assert (record.stage, record.failure) == (Stage.READY, None)
    assert record.text is not None
    fee = ("42 crowns", "四十二克朗")
    quotes = [record.text.text[span.start : span.end] for span in record.passages]
    assert any(words in quote for words in fee for quote in quotes)
    assert set(index.vectors["dv_0"]) == {f"psg_dv_0_{span.index}" for span in record.passages}
    assert index.revealed == {"dv_0": 1}
    wholes = [
        f"{span.header}\n{record.text.text[span.start : span.end]}".lstrip("\n")
        for span in record.passages
    ]
    assert record.embedded_tokens == read_tokens(HashingEmbedder(), wholes)


def test_a_pdf_passage_knows_its_page(gateway: Gateway, pipeline: Pipeline) -> None:
    record = _ingested(gateway, pipeline, "rules.pdf", documents.english_pdf().content)

    assert {span.page for span in record.passages} == {1, 2, 3, 4, 5}
    assert record.passages[-1].header == f"{documents.ENGLISH.title} > page 5"


@pytest.mark.parametrize("document", [documents.english_pdf(), documents.chinese_pdf()])
def test_the_pages_of_a_pdf_are_pictures_on_which_its_text_is_found(
    gateway: Gateway, pipeline: Pipeline, document: documents.Document
) -> None:
    record = _ingested(gateway, pipeline, document.name, document.content)

    assert record.text is not None
    assert sorted(record.pictures) == [1, 2, 3, 4, 5]
    text, starts = record.text.text, [page.start for page in record.text.pages]
    for number, (start, end) in enumerate(pairwise([*starts, len(text)]), 1):
        found = "".join(text[run.start : run.end] for run in record.pictures[number].runs)
        assert "".join(found.split()) == "".join(text[start:end].split())


def test_a_document_without_pages_has_no_pictures(gateway: Gateway, pipeline: Pipeline) -> None:
    record = _ingested(gateway, pipeline, "rules.md", documents.english_markdown().content)

    assert (record.stage, record.pictures) == (Stage.READY, {})


def test_a_document_whose_pictures_nobody_takes_is_ready_without_them(
    gateway: Gateway, pipeline: Pipeline
) -> None:
    gateway.refuses_pictures = True
    record = _ingested(gateway, pipeline, "rules.pdf", documents.english_pdf().content)

    assert (record.stage, record.failure, record.pictures) == (Stage.READY, None, {})


def test_progress_only_goes_forward_and_ends_complete(gateway: Gateway, pipeline: Pipeline) -> None:
    record = _ingested(gateway, pipeline, "long.md", _long_text())
    order = [Stage.PARSING, Stage.SPLITTING, Stage.EMBEDDING, Stage.INDEXING]
    steps = [(order.index(report.stage), report.done) for report in record.reports]
    embedded = [report for report in record.reports if report.stage is Stage.EMBEDDING]

    assert steps == sorted(steps)
    assert embedded[-1].done == embedded[-1].total == len(record.passages)


def test_batches_are_small_and_hold_passages_of_like_length(
    gateway: Gateway, index: Index, pipeline: Pipeline
) -> None:
    record = _ingested(gateway, pipeline, "long.md", _long_text())
    length = {f"psg_dv_0_{span.index}": span.end - span.start for span in record.passages}
    sent = [length[passage.passage_id] for batch in index.batches for passage in batch.passages]

    assert all(len(batch.passages) <= 4 for batch in index.batches)
    assert sent == sorted(sent)


@pytest.mark.parametrize(
    ("name", "content", "code", "reason"),
    [
        ("empty.pdf", b"", "invalid_file", "The file is empty."),
        ("locked.pdf", documents.english_pdf(password="gull").content, "invalid_file", "password"),
        ("scan.pdf", documents.picture(), "unsupported_file", "a PNG picture named .pdf"),
        ("../../x\n.md", b"\0\1", "unsupported_file", "not text"),
    ],
)
def test_a_file_that_cannot_be_read_fails_for_good_with_its_reason(
    gateway: Gateway, pipeline: Pipeline, name: str, content: bytes, code: str, reason: str
) -> None:
    record = _ingested(gateway, pipeline, name, content)

    assert record.failure is not None
    assert (record.stage, record.failure.code, record.failure.retry) == (Stage.FAILED, code, False)
    assert reason in record.failure.message


def test_the_next_document_is_read_after_a_bad_one(gateway: Gateway, pipeline: Pipeline) -> None:
    _ingested(gateway, pipeline, "bad.pdf", b"%PDF-1.7 and no more")
    record = _ingested(gateway, pipeline, "good.txt", b"Low tide at six.")

    assert record.stage is Stage.READY


@pytest.mark.usefixtures("losing_the_lease")
def test_a_worker_that_lost_its_lease_stops_and_reports_nothing(
    gateway: Gateway, index: Index, pipeline: Pipeline
) -> None:
    record = _ingested(gateway, pipeline, "long.md", _long_text())

    assert (record.failure, index.revealed) == (None, {})
    assert not record.is_final


def test_a_job_that_another_holds_is_left_alone(gateway: Gateway, pipeline: Pipeline) -> None:
    version = gateway.upload("rules.md", b"# Rules")
    gateway.records[version].lease_until = float("inf")
    pipeline.ingest(version)

    assert gateway.records[version].reports == []


def test_a_document_that_is_gone_is_left_alone(gateway: Gateway, pipeline: Pipeline) -> None:
    pipeline.ingest("dv_deleted")

    assert gateway.requests == 1


def test_running_twice_gives_the_same_index(
    gateway: Gateway, index: Index, pipeline: Pipeline
) -> None:
    record = _ingested(gateway, pipeline, "rules.md", documents.english_markdown().content)
    first = dict(index.vectors["dv_0"])
    record.stage, record.lease_until = Stage.QUEUED, 0
    pipeline.ingest("dv_0")

    assert index.vectors["dv_0"] == first
    assert (record.stage, record.fence) == (Stage.READY, 2)


def test_an_index_that_is_away_for_a_moment_is_waited_for(
    gateway: Gateway, index: Index, pipeline: Pipeline
) -> None:
    index.away_for = 2
    record = _ingested(gateway, pipeline, "rules.txt", b"The mole is closed in storms.")

    assert (record.stage, record.failure) == (Stage.READY, None)


def test_an_index_that_stays_away_asks_for_another_attempt(
    gateway: Gateway, index: Index, pipeline: Pipeline
) -> None:
    index.away_for = 1000
    record = _ingested(gateway, pipeline, "rules.txt", b"The mole is closed in storms.")

    assert record.failure is not None
    assert (record.stage, record.failure.retry) == (Stage.QUEUED, True)


def test_a_purge_leaves_no_vector_and_says_so(
    gateway: Gateway, index: Index, pipeline: Pipeline
) -> None:
    record = _ingested(gateway, pipeline, "rules.txt", b"The mole is closed in storms.")
    pipeline.purge("dv_0")

    assert (index.vectors, record.purge_remaining) == ({}, 0)


def test_purging_what_was_never_there_is_no_error(pipeline: Pipeline, index: Index) -> None:
    pipeline.purge("dv_never")

    assert index.requests == 0


def _long_text() -> bytes:
    sections = (
        f"## Rule {number}\n\n" + f"Boat {number} pays {number} crowns a night. " * (1 + number % 7)
        for number in range(30)
    )
    return "\n\n".join(sections).encode()


@pytest.fixture
def losing_the_lease(index: Index, gateway: Gateway) -> None:
    """Somebody else claims the job when the first batch of vectors arrives."""

    def take_over() -> None:
        for record in gateway.records.values():
            record.fence += 1

    index.on_batch = take_over
