"""The routes of workers: a service token with the right to write, and nothing else, opens them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from contracts.principal import Principal
from gateway.avatars import routes as avatars
from gateway.knowledge.routes import jobs
from gateway.main import build_app
from runtime.service_auth import ServiceTokens
from tests.support.gateway import SERVICE_SECRET, Person, RunningGateway, gateway_settings

KEY = SERVICE_SECRET.encode()
WORKER = Principal(write=True)


def routes() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in (*jobs.router.routes, *avatars.internal.routes)
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


def by_a_stranger() -> str:
    return ServiceTokens(b"another key of thirty-two bytes!", "ingest").sign("gateway", WORKER)


def for_another_service() -> str:
    return ServiceTokens(KEY, "ingest").sign("retrieval", WORKER)


def without_the_right_to_write() -> str:
    return ServiceTokens(KEY, "retrieval").sign("gateway", Principal())


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (dict, 401),
        (lambda: {"authorization": "Bearer garbage"}, 401),
        (lambda: {"authorization": f"Bearer {by_a_stranger()}"}, 401),
        (lambda: {"authorization": f"Bearer {for_another_service()}"}, 401),
        (lambda: {"authorization": f"Bearer {without_the_right_to_write()}"}, 403),
    ],
    ids=["none", "garbage", "by a stranger", "for another service", "without the right to write"],
)
def test_workers_routes_open_to_no_bad_token(
    gateway: RunningGateway, authorization: Callable[[], dict[str, str]], status: int
) -> None:
    # Signed now: a token signed when the tests were collected may have run out since.
    headers = authorization()
    if status == 401:  # a body that was looked at first would be refused for what it is
        headers["content-type"] = "application/json"
    found = {
        (
            method,
            path,
            gateway.http.request(method, path, headers=headers, content=b"{").status_code,
        )
        for method, path in routes()
    }

    assert len(found) >= 10
    assert {status for _, _, status in found} == {status}


def test_workers_routes_open_to_nobody_who_is_signed_in(gateway: RunningGateway) -> None:
    olga: Person = gateway.enrol("Olga", is_operator=True)
    statuses = {
        gateway.http.request(method, path, headers=olga.headers()).status_code
        for method, path in routes()
    }

    assert statuses == {401}


def test_no_document_names_them() -> None:
    settings = gateway_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", Path())
    paths = build_app(settings).openapi()["paths"]

    assert [path for path in paths if not path.startswith(("/v1/", "/a/", "/health/"))] == []


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/debug", "/internal", "/.env", "/admin"])
def test_nothing_answers_where_others_have_their_back_doors(
    gateway: RunningGateway, path: str
) -> None:
    assert gateway.http.get(path).status_code == 404
