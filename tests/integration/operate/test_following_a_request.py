"""One request is found in the log of every process it passed, and nobody's secret in any."""

import pytest

from tests.integration.operate.road import QUESTION_ID, UPLOAD_ID, Road
from tests.support.processes import Five
from tests.support.waiting import wait_until

EVERYWHERE = ("web", "gateway", "retrieval", "inference", "worker")


def _named(five: Five, process: str, request_id: str) -> list[dict[str, object]]:
    return [line for line in five.lines(process) if line.get("request_id") == request_id]


@pytest.mark.parametrize("process", ["web", "gateway", "worker", "retrieval"])
@pytest.mark.usefixtures("road")
def test_an_uploads_id_is_in_the_log_of_every_process(five: Five, process: str) -> None:
    wait_until(
        lambda: _named(five, process, UPLOAD_ID), seconds=10, what=f"the id in the log of {process}"
    )


@pytest.mark.parametrize("process", ["web", "gateway", "retrieval", "inference"])
@pytest.mark.usefixtures("road")
def test_a_questions_id_is_in_the_log_of_every_process(five: Five, process: str) -> None:
    wait_until(
        lambda: _named(five, process, QUESTION_ID),
        seconds=10,
        what=f"the id in the log of {process}",
    )


@pytest.mark.usefixtures("road")
def test_the_workers_line_says_what_it_did_and_how_long(five: Five) -> None:
    [line] = wait_until(
        lambda: [line for line in _named(five, "worker", UPLOAD_ID) if line["message"] == "task"],
        seconds=10,
        what="the worker's line",
    )

    assert (line["task"], line["outcome"], line["service"]) == ("ingest.document", "done", "ingest")
    assert isinstance(line["duration_ms"], float)


def test_one_line_a_request_with_its_route_and_no_query(five: Five, road: Road) -> None:
    lines = [line for line in five.lines("gateway") if line["message"] == "request"]
    asked = [line for line in lines if line["route"] == "/v1/chat/completions"]
    published = [line for line in lines if str(line["route"]).endswith("/publish")]

    assert [(line["method"], line["status"]) for line in asked] == [("POST", 200)]
    assert [line["route"] for line in published] == ["/v1/assistants/{assistant_id}/publish"]
    assert road.assistant_id not in "".join(str(line["route"]) for line in lines)
    assert not [line for line in lines if str(line["route"]).startswith("/health")]


@pytest.mark.parametrize("process", EVERYWHERE)
def test_every_line_is_json_and_none_holds_a_secret(five: Five, road: Road, process: str) -> None:
    log = five.log(process)
    plain = [line for line in log.splitlines() if line and not line.startswith("{")]

    assert [secret for secret in road.secrets if secret in log] == []
    assert [line for line in plain if process != "worker"] == []
