"""Every route of the gateway, found in its app: headers, foreign origins, and reading alone."""

import asyncio
from pathlib import Path

import pytest

from gateway.main import build_app
from gateway.schema import METADATA
from gateway.security_headers import SECURITY_HEADERS
from tests.support.gateway import Person, RunningGateway, found, gateway_settings
from tests.support.waiting import wait_until
from tests.unit.gateway.working import collection_of, document_of

NOTED = {
    "sessions", "keys", "audit_events", "usage_pending", "usage_sums", "usage_first_tokens",
    "usage_active_days",
}  # fmt: skip
"""Reading notes when a session or key was last used, and that somebody was refused; the sums follow
the ledger in their own time."""


def routes() -> list[tuple[str, str]]:
    settings = gateway_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", Path())
    paths = build_app(settings).openapi()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


@pytest.fixture
def ids(ada: Person, assistant_of_ada: str) -> dict[str, str]:
    """What stands in addresses: Ada's own things."""
    collection_id = collection_of(ada)
    file_id = document_of(ada, collection_id)
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    _, conversation = ada.post("/v1/conversations", {"assistant_id": assistant_of_ada})
    return {
        "assistant_id": assistant_of_ada,
        "assistant": assistant_of_ada,
        "collection_id": collection_id,
        "file_id": file_id,
        "conversation_id": conversation["id"],
        "model": "default",
    }


def filled(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        path = path.replace("{" + name + "}", value)
    while "{" in path:
        begin, rest = path.split("{", 1)
        path = begin + "none" + rest.partition("}")[2]
    return path


def test_every_answer_carries_the_headers(
    gateway: RunningGateway, ada: Person, ids: dict[str, str]
) -> None:
    addresses = [(method, filled(path, ids)) for method, path in routes() if "events" not in path]
    addresses += [("GET", "/nothing"), ("PATCH", "/v1/me"), ("POST", "/v1/files"), ("GET", "/%00")]
    addresses += [("OPTIONS", f"/a/{ids['assistant']}/v1/models"), ("GET", "/openapi.json")]
    lacking = {}
    for method, path in addresses:
        for headers in ({}, ada.headers()) if method == "GET" else ({},):
            answer = gateway.http.request(method, path, headers=headers)
            gaps = [
                name
                for name, value in SECURITY_HEADERS.items()
                if answer.headers.get_list(name) != [value]
            ]
            if gaps or "no-store" not in answer.headers["cache-control"]:
                lacking[method, path] = gaps

    assert len(addresses) > 50
    assert lacking == {}


def test_a_bug_carries_them_too(gateway: RunningGateway) -> None:
    answer = gateway.http.post("/v1/sessions", content=b"\xff", headers={"expect": "nothing"})

    assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_answer_is_readable_by_a_foreign_site(
    gateway: RunningGateway, ada: Person, ids: dict[str, str]
) -> None:
    opened = {}
    for method, path in routes():
        if "events" in path:
            continue
        headers = {"origin": "https://evil.example", "cookie": f"session={ada.token}"}
        if method == "GET":
            headers |= ada.headers()
        answer = gateway.http.request(method, filled(path, ids), headers=headers)
        cors = [name for name in answer.headers if name.startswith("access-control-")]
        if cors:
            opened[method, path] = cors

    assert opened == {}


async def checksums(gateway: RunningGateway) -> dict[str, object]:
    """table -> what all its rows come to."""
    sums: dict[str, object] = {}
    for table in METADATA.sorted_tables:
        if table.name in NOTED:
            continue
        query = (
            f"SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table.name} t"  # noqa: S608
        )
        sums[table.name] = (await found(gateway.database_url, query))[0]
    return sums


def test_reading_changes_no_row(gateway: RunningGateway, ada: Person, ids: dict[str, str]) -> None:
    wait_until(lambda: gateway.sender.sent, seconds=10, what="the outbox to be sent")
    before = asyncio.run(checksums(gateway))
    answers = {}
    for method, path in routes():
        if method == "GET" and "events" not in path:
            answer = gateway.http.get(filled(path, ids), headers=ada.headers())
            answers[path] = answer.status_code

    assert sum(status == 200 for status in answers.values()) > 15
    assert asyncio.run(checksums(gateway)) == before
