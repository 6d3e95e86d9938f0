"""What Prometheus reads at each process after one upload and two questions."""

import re

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.processes import Five
from tests.support.waiting import wait_until

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
_AN_ID = re.compile(r"\b(ast_|file-|vs_|psg_|conv_|msg_|key_|mem_|turn_|req_)[0-9a-z]{8,}")


def _scrape(address: str) -> str:
    answer = httpx2.get(f"{address}/metrics", timeout=10)
    assert answer.is_success, answer.text
    return answer.text


def _samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _of(five: Five, name: str) -> Samples:
    return _samples(_scrape(five.address(name)))


def _value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


@pytest.mark.usefixtures("road")
def test_the_gateway_counts_answers_tokens_jobs_and_the_outbox(five: Five) -> None:
    found = _of(five, "gateway")

    assert (
        _value(found, "stoa_answers_total", outcome="complete", grounding="passages")
        + _value(found, "stoa_answers_total", outcome="complete", grounding="none")
        == 2
    )
    assert _value(found, "stoa_answer_tokens_total", kind="output") > 0
    assert _value(found, "stoa_answer_first_token_seconds_count") == 2
    assert ("stoa_jobs", frozenset({("state", "queued")})) in found
    assert _value(found, "stoa_jobs", state="queued") == 0
    assert _value(found, "stoa_outbox_waiting") == 0
    assert _value(found, "stoa_outbox_sent_total", task="ingest.document") == 1


@pytest.mark.usefixtures("road")
def test_requests_are_counted_by_route_and_status(five: Five) -> None:
    found = _of(five, "gateway")
    labels = {
        "service": "gateway",
        "method": "POST",
        "route": "/v1/chat/completions",
        "status": "200",
    }

    assert _value(found, "stoa_http_requests_total", **labels) == 1


@pytest.mark.usefixtures("road")
def test_retrieval_and_inference_tell_their_part(five: Five) -> None:
    searched, generated = _of(five, "retrieval"), _of(five, "inference")

    assert _value(searched, "stoa_search_seconds_count") >= 2
    assert _value(searched, "stoa_passages_indexed_total") >= 1
    answers = _value(generated, "stoa_engine_answers_total", model="simulator", outcome="complete")
    assert answers == 2
    assert _value(generated, "stoa_engine_up", model="simulator") == 1
    assert _value(generated, "stoa_engine_running", model="simulator") == 0


@pytest.mark.usefixtures("road")
def test_the_worker_counts_what_its_children_measured(five: Five) -> None:
    address = f"http://127.0.0.1:{five.environment['INGEST_METRICS_PORT']}"
    found = wait_until(
        lambda: _with_documents(_samples(_scrape(address))), seconds=10, what="the count"
    )

    assert _value(found, "stoa_tasks_total", task="ingest.document", outcome="done") == 1
    assert _value(found, "stoa_ingest_stage_seconds_count", stage="embedding") == 1
    assert _value(found, "stoa_ingest_passages_total") >= 1


@pytest.mark.parametrize("process", ["web", "gateway", "retrieval", "inference"])
@pytest.mark.usefixtures("road")
def test_no_label_holds_an_id(five: Five, process: str) -> None:
    assert _AN_ID.findall(_scrape(five.address(process))) == []


def test_a_scrape_that_a_proxy_passed_on_finds_nothing(five: Five) -> None:
    headers = {"x-forwarded-for": "203.0.113.9"}
    answer = httpx2.get(f"{five.address('gateway')}/metrics", headers=headers, timeout=10)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def _with_documents(found: Samples) -> Samples:
    return found if _value(found, "stoa_ingest_documents_total", outcome="ready") else {}
