"""What goes through web, retrieval and inference turns up in no log, metric or trace (T20).

Every route is found in its app; the gateway has a test of its own, and the worker, the broker and
the tables are looked at where the whole road runs (tests/integration/operate).
"""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest

from contracts.accounts import Power
from contracts.principal import CollectionGrant, Principal
from inference.main import build_app as build_inference
from inference.settings import ScriptRule, SimulatorSettings
from retrieval.main import build_app as build_retrieval
from runtime.service_auth import ServiceTokens
from tests.support.canaries import (
    CANARIES,
    FORGED_LINE,
    HEADERS,
    KEY,
    PASSWORD,
    PROMPT,
    QUERY,
    SERVICE,
    SESSION,
    TEXT,
    Heard,
    bodies_of,
    leaks,
    saying_everything,
)
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_app import standin_app
from tests.support.inference import SECRET, inference_settings
from tests.support.retrieval import batch_of_texts, retrieval_settings
from tests.support.serving import served
from tests.support.web_pages import SERVICE_SECRET, web_settings
from tests.support.web_people import PASSWORD as ADAS_PASSWORD
from tests.support.web_people import Person, browser
from tests.unit.services.test_every_internal_route import OPEN, routes_of
from tests.unit.web.test_odd_texts import ENDLESS, SIGNED_OUT, address, fields_of, not_here, routes
from web.forms import TOKEN_FIELD
from web.main import build_app as build_web

VS = "vs_plans"
OURS = Principal(
    workspace_id="ws_ada", collections=(CollectionGrant(collection_id=VS),), write=True
)


TOLD = (
    *("Traceback", 'File "/', "site-packages", "pydantic.dev", "/tmp", str(Path.cwd())),  # noqa: S108
    *(SECRET, SERVICE, KEY, SESSION, PASSWORD),
)
"""What no answer tells, good or bad (T10)."""


def token_for(service: str) -> str:
    return ServiceTokens(SECRET.encode(), "gateway").sign(service, OURS)


def say_all(app: FastAPI, at: str, service: str) -> int:
    """Every route with a canary in every field, as somebody who may and as some who may not."""
    document = app.openapi()
    schemas = document.get("components", {}).get("schemas", {})
    internal = [route for route in routes_of(app) if route[1] not in OPEN]
    asked = 0
    for method, path in internal:
        operation = document["paths"][path][method.lower()]
        for body in bodies_of(operation, schemas):
            for bearer in (token_for(service), SERVICE, KEY):
                headers = {
                    **HEADERS,
                    "authorization": f"Bearer {bearer}",
                    "cookie": f"session={SESSION}",
                    "content-type": "application/json",
                    "origin": "https://canary-tail.example.org",
                }
                filled = path.replace("{", "").replace("}", "")
                answer = httpx2.request(
                    method, at + filled, params=QUERY, content=body, headers=headers, timeout=20
                )
                told = [word for word in TOLD if word in answer.text + str(answer.headers)]
                assert answer.status_code < 500, (method, path, answer.text)
                assert told == [], (method, path, answer.text)
                asked += 1
    assert {path for _, path in internal} <= set(document["paths"]), "a route without a document"
    return asked


def said_well(at: str, service: str, method: str, path: str, body: Any) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token_for(service)}", **HEADERS}
    answer = httpx2.request(method, at + path, json=body, headers=headers, timeout=20)
    assert answer.is_success, answer.text
    return answer


@pytest.fixture(scope="module")
def retrieval(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    folder: Path = tmp_path_factory.mktemp("retrieval")
    app = build_retrieval(retrieval_settings(folder))
    with saying_everything("retrieval") as heard, served(app) as at:
        batch = batch_of_texts("v1", TEXT, collection=VS)
        said_well(at, "retrieval", "PUT", "/v1/passages", batch.model_dump(mode="json"))
        reveal = {"document_version_id": "v1", "from_epoch": 1}
        said_well(at, "retrieval", "POST", "/v1/passages/reveal", reveal)
        said_well(at, "retrieval", "POST", "/v1/search", {"query": PROMPT + FORGED_LINE})
        assert say_all(app, at, "retrieval") > 40
    return heard


@pytest.fixture(scope="module")
def inference() -> Heard:
    rule = ScriptRule(pattern="canary-question", answer=TEXT)
    app = build_inference(inference_settings(SimulatorSettings(kind="simulator", rules=(rule,))))
    messages = [{"role": "user", "content": PROMPT + FORGED_LINE}]
    with saying_everything("inference") as heard, served(app) as at:
        body = {"model": "simulator", "messages": messages, "cache_salt": PASSWORD}
        answer = said_well(at, "inference", "POST", "/v1/generations", body)
        assert "canary-text" in "".join(
            json.loads(line[5:]).get("text", "")
            for line in answer.text.splitlines()
            if line.startswith("data:")
        )
        assert say_all(app, at, "inference") > 20
    return heard


@pytest.fixture(scope="module")
def web() -> Heard:
    standin = Standin()
    standin.claim_token = None
    standin.add_member("ada@example.org", ADAS_PASSWORD, "Ada", Power.OWNER)
    gateway = standin_app(standin)
    gateway.add_exception_handler(ValueError, not_here)  # cursors of nothing; it shares our log
    with saying_everything("web") as heard, served(gateway) as gateway_url:
        app = build_web(web_settings(gateway_url))
        with browser(app) as client:
            ada = Person(client)
            ada.sign_in("ada@example.org")
            chatted(ada)
            visited(app, ada)
    return heard


def chatted(ada: Person) -> None:
    """A whole chat, so that content goes by as well."""
    made = ada.post("/studio", {"name": TEXT, "instructions": PROMPT, "starters": [TEXT]})
    assistant_id = made.headers["location"].removeprefix("/studio/").partition("#")[0]
    ada.post(f"/studio/{assistant_id}/publish")
    ada.post("/chat/conversations", {"assistant_id": assistant_id, "text": PROMPT + FORGED_LINE})


def visited(app: FastAPI, ada: Person) -> None:
    token, asked = ada.token(), 0
    for route in routes(app):
        if route.path in (ENDLESS, SIGNED_OUT):
            continue
        fields = dict.fromkeys(fields_of(route), TEXT + FORGED_LINE)
        secret = {name for name in fields if "password" in name or name in ("token", "invite")}
        fields |= dict.fromkeys(secret, PASSWORD)
        for method in route.methods or ():
            for form_token in (token, PASSWORD):
                data = {**fields, TOKEN_FIELD: form_token} if method == "POST" else None
                for value in ("some-id", KEY):
                    path = address(route.path, {}, value)
                    ada.client.request(method, path, params=QUERY, data=data, headers=HEADERS)
                    asked += 1
    cookies = {"cookie": f"test_session={SESSION}; test_visit={KEY}"}
    for path in ("/", "/studio", "/account", "/nothing"):
        ada.client.get(path, params=QUERY, headers={**HEADERS, **cookies})
    assert asked > 200


@pytest.mark.parametrize("process", ["web", "retrieval", "inference"])
def test_nothing_that_went_by_is_in_a_log_a_metric_or_a_trace(
    request: pytest.FixtureRequest, process: str
) -> None:
    heard: Heard = request.getfixturevalue(process)
    own_secrets = (SECRET, SERVICE_SECRET, ADAS_PASSWORD)

    assert heard.log.count("\n") > 30
    assert heard.collector.spans
    assert leaks(heard.log, also=own_secrets) == []
    assert leaks(heard.traces, also=own_secrets) == []
    assert leaks(generate_latest().decode(), also=own_secrets) == []


@pytest.mark.parametrize("process", ["web", "retrieval", "inference"])
def test_no_line_of_the_log_is_forged(request: pytest.FixtureRequest, process: str) -> None:
    heard: Heard = request.getfixturevalue(process)

    assert heard.not_ours() == []
    assert heard.log.replace("\n", "").isprintable()


def test_the_search_sees_what_it_should_see() -> None:
    # Were a canary written somewhere, `leaks` would find it.
    assert [len(leaks(f"a\n{canary} b")) for canary in CANARIES] == [1] * len(CANARIES)
