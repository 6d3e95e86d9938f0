"""A question and an upload are one trace each, across the processes, without a word of theirs."""

import pytest

from tests.integration.operate.road import QUESTION_ID, UPLOAD_ID, Road
from tests.support.collector import Collector, Seen
from tests.support.waiting import wait_until

ASKED = ("web POST /chat/conversations", "retrieval POST /v1/search", "inference engine")
UPLOADED = ("ingest ingest.document", "retrieval POST /v1/passages/reveal")


def _trace_of(collector: Collector, request_id: str, *ends: str) -> list[Seen]:
    """The trace of a request, once these `service name` are told, and no parent is missing.

    A service tells in parts: one whose first spans came may still hold the others back.
    """

    def found() -> list[Seen]:
        first = [
            seen
            for seen in collector.spans
            if request_id in seen.attributes.get("stoa.request_id", "") and seen.service == "web"
        ]
        spans = collector.of_trace(first[0].trace) if first else []
        known = {seen.span for seen in spans} | {""}
        is_whole = all(seen.parent in known for seen in spans)
        told = {f"{seen.service} {seen.name}" for seen in spans}
        return spans if is_whole and told.issuperset(ends) else []

    return wait_until(found, seconds=20, what=f"the trace of {request_id}")


def _parents(spans: list[Seen], name: str) -> list[str]:
    """From the span called `name` up to the root: `service name` of each."""
    by_id = {seen.span: seen for seen in spans}
    seen = next(each for each in spans if each.name == name)
    line = [f"{seen.service} {seen.name}"]
    while seen.parent in by_id:
        seen = by_id[seen.parent]
        line.append(f"{seen.service} {seen.name}")
    return line


@pytest.mark.usefixtures("road")
def test_a_question_is_one_trace_from_the_page_to_the_engine(collector: Collector) -> None:
    spans = _trace_of(collector, QUESTION_ID, *ASKED)

    assert _parents(spans, "engine") == [
        "inference engine",
        "inference POST /v1/generations",
        "gateway POST",
        "gateway generate",
        "gateway turn",
        "gateway POST /v1/conversations/{conversation_id}/turns",
        "web POST",
        "web POST /chat/conversations",
    ]
    assert _parents(spans, "POST /v1/search")[:4] == [
        "retrieval POST /v1/search",
        "gateway POST",
        "gateway search",
        "gateway turn",
    ]
    assert [seen.events for seen in spans if seen.name == "generate"] == [("first token",)]


@pytest.mark.usefixtures("road")
def test_an_upload_is_one_trace_from_the_page_to_the_index(collector: Collector) -> None:
    spans = _trace_of(collector, UPLOAD_ID, *UPLOADED)

    assert _parents(spans, "embedding")[:3] == [
        "ingest embedding",
        "ingest ingest.document",
        "gateway POST /v1/vector_stores/{collection_id}/files",
    ]
    stages = [seen.name for seen in spans if seen.service == "ingest"]
    assert {"parsing", "splitting", "embedding", "indexing"} <= set(stages)


def test_no_text_and_no_secret_leaves_in_a_span(collector: Collector, road: Road) -> None:
    _trace_of(collector, QUESTION_ID, *ASKED)
    sent = b"".join(collector.raw)
    texts = [text for text in (*road.texts, *road.secrets) if text.encode() in sent]

    assert texts == []
    assert b"Okonkwo-Vane" not in sent
