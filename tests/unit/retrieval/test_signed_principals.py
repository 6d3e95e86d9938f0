"""No token, no answer; and a token opens only what it says."""

import time
from typing import Any

import pytest
from fastapi.routing import APIRoute
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.testclient import TestClient

from contracts.principal import STORE_TENANT, CollectionGrant, Principal
from retrieval.embeddings import routes as embeddings
from retrieval.indexing import routes as indexing
from retrieval.search import routes as search
from retrieval.tenancy import SELF_TEST_TENANT
from runtime.service_auth import ServiceTokens
from tests.support.retrieval import SECRET
from tests.unit.retrieval.callers import Caller

OTHER_SECRET = b"another secret of another installation"


def every_call() -> list[tuple[str, str]]:
    routers = (search.router, indexing.router, embeddings.router)
    routes = [route for router in routers for route in router.routes]
    return [
        (method, route.path.replace("{version_id}", "v1"))
        for route in routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


def body_of(caller: Caller, path: str) -> Any:
    bodies: dict[str, Any] = {
        "/v1/search": {"query": "walk"},
        "/v1/passages": caller.batch("v1", "walk").model_dump(),
        "/v1/passages/reveal": {"document_version_id": "v1", "from_epoch": 1},
        "/v1/embeddings": {"texts": ["walk"], "kind": "question"},
    }
    return bodies.get(path)


@pytest.mark.parametrize(("method", "path"), every_call())
def test_every_route_refuses_a_call_without_a_token(
    ada: Caller, retrieval: TestClient, method: str, path: str
) -> None:
    answer = retrieval.request(method, path, json=body_of(ada, path))

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_service_token"


@pytest.mark.parametrize(("method", "path"), every_call())
def test_no_route_opens_the_store_to_a_member(ada: Caller, method: str, path: str) -> None:
    member = Principal(workspace_id=STORE_TENANT, member_id="mem_ada", write=True)

    status, problem = Caller(ada.http, member).send(method, path, body_of(ada, path))

    assert (status, problem["error"]["code"]) == (403, "no_workspace")


@pytest.mark.parametrize(("method", "path"), every_call())
@pytest.mark.parametrize("workspace", [None, "", SELF_TEST_TENANT])
def test_every_route_refuses_a_principal_without_a_workspace(
    ada: Caller, method: str, path: str, workspace: str | None
) -> None:
    nobody = Caller(ada.http, Principal(workspace_id=workspace, write=True))

    status, problem = nobody.send(method, path, body_of(ada, path))

    assert (status, problem["error"]["code"]) == (403, "no_workspace")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/passages"),
        ("POST", "/v1/passages/reveal"),
        ("GET", "/v1/versions/v1"),
        ("DELETE", "/v1/versions/v1"),
    ],
)
def test_a_reader_may_not_write(ada: Caller, method: str, path: str) -> None:
    reader = ada.reading(CollectionGrant(collection_id="vs_plans"))

    status, problem = reader.send(method, path, body_of(ada, path))

    assert (status, problem["error"]["code"]) == (403, "write_refused")


def expired() -> str:
    claims = {
        "aud": "retrieval",
        "exp": int(time.time()) - 3_600,
        "principal": Principal(workspace_id="ws_ada").model_dump(mode="json"),
    }
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.encode()))


def unsigned() -> str:
    signed = ServiceTokens(SECRET.encode(), "gateway").sign(
        "retrieval", Principal(workspace_id="ws_ada")
    )
    head, claims, _ = signed.split(".")
    return f"{head}.{claims}."


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(expired(), id="expired"),
        pytest.param(unsigned(), id="unsigned"),
        pytest.param(
            ServiceTokens(SECRET.encode(), "gateway").sign("inference", Principal()),
            id="for another service",
        ),
        pytest.param(
            ServiceTokens(OTHER_SECRET, "gateway").sign("retrieval", Principal()),
            id="of another installation",
        ),
        pytest.param("nonsense", id="nonsense"),
    ],
)
def test_a_token_that_is_not_ours_for_us_and_now_is_refused(
    retrieval: TestClient, token: str
) -> None:
    answer = retrieval.post(
        "/v1/search", json={"query": "walk"}, headers={"authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 401


def test_health_needs_no_token(retrieval: TestClient) -> None:
    assert retrieval.get("/health/live").status_code == 200
    assert retrieval.get("/health/ready").status_code == 200
