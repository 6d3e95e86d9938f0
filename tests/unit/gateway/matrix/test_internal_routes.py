"""The routes of workers: a service token with the right to write, and nothing else, opens them."""

from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from contracts.principal import Principal
from gateway.knowledge.routes import jobs
from gateway.main import build_app
from runtime.service_auth import ServiceTokens
from tests.support.gateway import SERVICE_SECRET, Person, RunningGateway, gateway_settings

KEY = SERVICE_SECRET.encode()
WORKER = Principal(write=True)


def routes() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in jobs.router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (None, 401),
        ("garbage", 401),
        (ServiceTokens(b"another key of thirty-two bytes!", "ingest").sign("gateway", WORKER), 401),
        (ServiceTokens(KEY, "ingest").sign("retrieval", WORKER), 401),
        (ServiceTokens(KEY, "retrieval").sign("gateway", Principal()), 403),
    ],
)
def test_workers_routes_open_to_no_bad_token(
    gateway: RunningGateway, token: str | None, status: int
) -> None:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    found = {
        (method, path, gateway.http.request(method, path, headers=headers).status_code)
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
