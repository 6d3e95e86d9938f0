"""The gateway with a bug, a broken row, a broken table and neighbours that talk nonsense (T10).

The other processes' bugs are in tests/unit/services.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from gateway.security_headers import SECURITY_HEADERS
from tests.support.canaries import PASSWORD, TEXT, Heard, leaks, saying_everything
from tests.support.gateway import Databases, Person, RunningGateway, changed, running_gateway
from tests.support.nonsense import NONSENSE, TOLD, Nonsense, said
from tests.support.serving import served
from tests.unit.gateway.matrix.world import LEAKS


def told(answer: httpx2.Response) -> list[str]:
    return [word for word in (*TOLD, *LEAKS) if word in answer.text or word in str(answer.headers)]


def errors(heard: Heard) -> list[dict[str, str]]:
    lines = [json.loads(line) for line in heard.log.splitlines()]
    return [line for line in lines if line["level"] == "error"]


def assert_plain(answer: httpx2.Response) -> None:
    body = answer.json()

    assert answer.status_code == 500
    assert (body["error"]["code"], body["error"]["type"]) == ("internal_error", "server_error")
    assert body["request_id"] == answer.headers["x-request-id"] == "request-of-a-test"
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "no-store" in answer.headers["cache-control"]
    assert told(answer) == []


NAMED = {"x-request-id": "request-of-a-test"}


def test_a_row_that_cannot_be_is_answered_plainly_and_quoted_nowhere(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    broken = json.dumps({"name": [TEXT], "instructions": {PASSWORD: 1}})
    statement = "UPDATE assistants SET draft = CAST(:draft AS jsonb)"
    asyncio.run(changed(gateway.database_url, statement, draft=broken))
    with saying_everything("gateway") as heard:
        path = f"/v1/assistants/{assistant_of_ada}"
        answer = gateway.http.get(path, headers=ada.headers() | NAMED)

    assert_plain(answer)
    [line] = errors(heard)
    assert line["request_id"] == "request-of-a-test"
    assert "Traceback" in line["error"]
    assert leaks(heard.log, heard.traces) == []
    assert heard.not_ours() == []


def test_a_table_that_is_gone_is_answered_without_a_word_of_sql(
    gateway: RunningGateway, ada: Person
) -> None:
    rename = "ALTER TABLE {} RENAME TO {}"
    asyncio.run(changed(gateway.database_url, rename.format("groups", "elsewhere")))
    try:
        with saying_everything("gateway") as heard:
            headers = ada.headers() | NAMED
            answer = gateway.http.post("/v1/groups", json={"name": TEXT}, headers=headers)
    finally:
        asyncio.run(changed(gateway.database_url, rename.format("elsewhere", "groups")))

    assert_plain(answer)
    assert [line["message"] for line in errors(heard)] == ["the database failed"]
    assert leaks(heard.log, heard.traces) == []


@pytest.fixture(scope="module")
def nonsense() -> Nonsense:
    return Nonsense()


@pytest.fixture(scope="module")
def between(
    databases: Databases, nonsense: Nonsense, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """A gateway between neighbours that talk nonsense."""
    folder: Path = tmp_path_factory.mktemp("between")
    with (
        served(nonsense) as at,
        running_gateway(databases.fresh(), folder, retrieval_url=at, inference_url=at) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def asker(between: RunningGateway) -> Person:
    return between.enrol("Asker")


@pytest.fixture(scope="module")
def asked(asker: Person) -> str:
    """An assistant with a collection, published."""
    _, collection = asker.post("/v1/vector_stores", {"name": "Rules"})
    resources = {"file_search": {"vector_store_ids": [collection["id"]]}}
    _, made = asker.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources})
    assert asker.post(f"/v1/assistants/{made['id']}/publish")[0] == 200
    return str(made["id"])


@pytest.mark.parametrize("kind", NONSENSE)
def test_neighbours_that_talk_nonsense_are_not_repeated(
    between: RunningGateway, nonsense: Nonsense, asker: Person, asked: str, kind: str
) -> None:
    nonsense.answer = said(kind)
    question = {"model": asked, "messages": [{"role": "user", "content": "When?"}]}
    calls = [
        ("GET", "/v1/models", None),
        ("GET", "/health/ready", None),
        ("POST", "/v1/chat/completions", question),
        ("POST", "/v1/chat/completions", {**question, "stream": True}),
    ]
    wrong = {}
    with saying_everything("gateway") as heard:
        for method, path, body in calls:
            answer = between.http.request(method, path, json=body, headers=asker.headers())
            gaps = [name for name in SECURITY_HEADERS if name not in answer.headers]
            if told(answer) or gaps:
                wrong[path, str(body)] = (answer.status_code, told(answer), gaps)

    assert wrong == {}
    assert leaks(heard.log, heard.traces) == []
    assert heard.not_ours() == []
