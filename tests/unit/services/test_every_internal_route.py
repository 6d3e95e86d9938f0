"""Every route between services asks for a service token of its own, and nothing else opens it."""

import base64
import json
import time
from collections.abc import Iterator

import httpx2
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey

from contracts.principal import Principal
from inference.main import build_app as build_inference
from inference.settings import SimulatorSettings
from retrieval.main import build_app as build_retrieval
from tests.support.inference import SECRET, inference_settings
from tests.support.retrieval import retrieval_settings
from tests.support.serving import served

OPEN = {"/health/live", "/health/ready", "/metrics"}
"""For probes and scrapers inside the network; `/metrics` answers no proxied request."""

NOT_PUBLIC = ("/docs", "/redoc", "/openapi.json", "/debug", "/admin", "/internal", "/.env", "/.git")


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of everything there is, whether or not it is in a document."""
    found = []
    for context in app.routes:
        original = getattr(context, "original_router", None)
        for route in [context] if original is None else original.routes:
            methods: set[str] = getattr(route, "methods", None) or set()
            found += [
                (method, str(getattr(route, "path", "")))
                for method in sorted(methods - {"HEAD", "OPTIONS"})
            ]
    return found


def _forged(header: dict[str, str], audience: str) -> str:
    claims = {"aud": audience, "exp": int(time.time()) + 60, "principal": {"write": True}}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    return b".".join(part.rstrip(b"=") for part in parts).decode() + "."


def _signed(key: bytes, audience: str, seconds: int, algorithm: str = "HS256") -> str:
    claims = {
        "iss": "gateway",
        "aud": audience,
        "exp": int(time.time()) + seconds,
        "principal": Principal(workspace_id="wsp_x", write=True).model_dump(mode="json"),
    }
    key_of = OctKey.import_key(key)
    return jwt.encode({"alg": algorithm}, claims, key_of, algorithms=[algorithm])


def bad_tokens(service: str, key: bytes) -> dict[str, str | None]:
    stranger = b"another key of thirty-two bytes!"
    return {
        "none": None,
        "garbage": "garbage",
        "expired": _signed(key, service, -60),
        "other audience": _signed(key, "somebody else", 60),
        "other key": _signed(stranger, service, 60),
        "no algorithm": _forged({"alg": "none"}, service),
        "other algorithm": _signed(key * 2, service, 60, "HS512"),
        "a session": "ses-stoa-" + "x" * 43,
        "an API key": "sk-stoa-" + "x" * 43,
    }


@pytest.fixture(scope="module")
def retrieval(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, str]]:
    app = build_retrieval(retrieval_settings(tmp_path_factory.mktemp("retrieval")))
    with served(app) as address:
        yield app, address


@pytest.fixture(scope="module")
def inference() -> Iterator[tuple[FastAPI, str]]:
    app = build_inference(inference_settings(SimulatorSettings(kind="simulator")))
    with served(app) as address:
        yield app, address


def let_in(app: FastAPI, address: str, service: str, key: bytes) -> list[tuple[str, str, str, int]]:
    """Whatever answered something else than 401 to a bad token."""
    found = []
    internal = [route for route in routes_of(app) if route[1] not in OPEN]
    assert len(internal) >= 3, internal
    for method, path in internal:
        for name, token in bad_tokens(service, key).items():
            headers = {} if token is None else {"authorization": f"Bearer {token}"}
            # A body that was looked at first would be refused for what it is.
            headers["content-type"] = "application/json"
            answer = httpx2.request(
                method, address + path, headers=headers, content=b"{", timeout=20
            )
            if answer.status_code != 401:
                found.append((method, path, name, answer.status_code))
    return found


def test_retrieval_opens_to_no_bad_token(retrieval: tuple[FastAPI, str]) -> None:
    assert let_in(*retrieval, "retrieval", SECRET.encode()) == []


def test_inference_opens_to_no_bad_token(inference: tuple[FastAPI, str]) -> None:
    assert let_in(*inference, "inference", SECRET.encode()) == []


@pytest.mark.parametrize("path", NOT_PUBLIC)
def test_nothing_else_answers_there(
    retrieval: tuple[FastAPI, str], inference: tuple[FastAPI, str], path: str
) -> None:
    statuses = {httpx2.get(address + path).status_code for _, address in (retrieval, inference)}

    assert statuses == {404}
