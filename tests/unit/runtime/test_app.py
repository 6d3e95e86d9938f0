"""Every app answers failures in one shape, bounds bodies, and proves that it is ready."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from fastapi import APIRouter, Request
from starlette.testclient import TestClient

from contracts.errors import ErrorKind, StoreError
from runtime.app import AppPlan, create_app
from runtime.health import SelfTests
from runtime.problems import HTTP_STATUS
from runtime.provide import Provided

router = APIRouter()


class NothingThere(StoreError):
    kind = ErrorKind.NOT_FOUND
    code = "nothing_there"


class Broken(RuntimeError):
    """A bug."""


@router.get("/missing")
async def missing() -> None:
    raise NothingThere("Nothing is there.", param="where")


@router.get("/bug")
async def bug() -> None:
    raise Broken("secret /root/path")


@router.get("/numbers/{number}")
async def number(number: int) -> int:
    return number


@router.post("/echo")
async def echo(request: Request) -> int:
    return len(await request.body())


@router.post("/large/echo")
async def large_echo(request: Request) -> int:
    return len(await request.body())


async def _fine() -> None:
    return None


async def _not_fine() -> None:
    raise NothingThere("The engine is away.")


def _client(**checks: object) -> TestClient:
    @asynccontextmanager
    async def wire() -> AsyncIterator[Provided]:
        yield {SelfTests: SelfTests(checks)}  # type: ignore[arg-type]  # given as keywords

    plan = AppPlan(
        title="test",
        service="test",
        wire=wire,
        routers=[router],
        default_body_bytes=1_000,
        body_limits={"/large": 3_000, "/large/whole$": 4_000},
    )
    return TestClient(create_app(plan), raise_server_exceptions=False)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with _client(engine=_fine) as client:
        yield client


def test_a_refusal_has_openai_shape_and_the_request_id(client: TestClient) -> None:
    answer = client.get("/missing")

    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "message": "Nothing is there.",
        "type": "invalid_request_error",
        "param": "where",
        "code": "nothing_there",
    }
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_bug_tells_nothing_about_itself(client: TestClient) -> None:
    answer = client.get("/bug")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "secret" not in answer.text


def test_a_malformed_value_is_named(client: TestClient) -> None:
    answer = client.get("/numbers/many")

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "number")


def test_an_unknown_path_has_the_same_shape(client: TestClient) -> None:
    answer = client.get("/nowhere")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_body_announced_too_large_is_refused_with_an_answer(client: TestClient) -> None:
    answer = client.post("/echo", content=b"x" * 1_001)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


def test_a_body_without_length_is_counted_while_it_arrives(client: TestClient) -> None:
    def blocks() -> Iterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    answer = client.post("/echo", content=blocks())

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


def test_a_path_may_take_more_than_others(client: TestClient) -> None:
    assert client.post("/large/echo", content=b"x" * 2_000).json() == 2_000
    assert client.post("/large/echo", content=b"x" * 3_001).status_code == 413


def test_a_limit_may_be_for_one_whole_path_alone(client: TestClient) -> None:
    body = b"x" * 3_500

    assert client.post("/large/whole", content=body).status_code == 404
    assert client.post("/large/whole/more", content=body).status_code == 413
    assert client.post("/large/wholly", content=body).status_code == 413


def test_ready_means_that_every_self_test_passed(client: TestClient) -> None:
    assert client.get("/health/ready").json()["ready"] is True


def test_not_ready_names_what_is_wrong() -> None:
    with _client(engine=_fine, index=_not_fine) as client:
        answer = client.get("/health/ready")

    failed = [check for check in answer.json()["checks"] if not check["ok"]]
    assert answer.status_code == 503
    assert failed == [{"name": "index", "ok": False, "detail": "The engine is away."}]


def test_a_forged_request_id_is_replaced(client: TestClient) -> None:
    answer = client.get("/missing", headers={"x-request-id": 'x"}\n{"forged'.replace("\n", "")})

    assert answer.headers["x-request-id"].startswith("req_")


def test_every_kind_of_error_has_a_status() -> None:
    assert set(HTTP_STATUS) == set(ErrorKind)


def test_problem_details_are_json(client: TestClient) -> None:
    assert json.loads(client.get("/missing").text)
