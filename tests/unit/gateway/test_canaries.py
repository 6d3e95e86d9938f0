"""A secret put into every field and header of every route turns up nowhere else (T20)."""

from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import generate_latest

from gateway.main import build_app
from tests.support.canaries import Heard, saying_everything
from tests.support.gateway import SERVICE_SECRET, Person, RunningGateway, found
from tests.unit.gateway.matrix.calls import BODIES, PATH_KINDS, Ids, Route

SECRETS = {
    "password": "canary-password-Zr8vQ2",
    "text": "canary-text-of-a-document-Lw4Tn9",
    "prompt": "canary-prompt-Xc7Bd1",
    "key": "sk-stoa-canaryKEYcanaryKEYcanaryKEYcanaryKEY42",
    "session": "ses-stoa-canarySESSIONcanarySESSIONcanarySESS42",
    "service": "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJjYW5hcnkifQ.canarySIGNATUREcanary",
}
FORGED_LINE = '\r\n{"level": "error", "message": "canary-forged-line"}\x1b[31m\u2028canary-tail'
EVERYWHERE = (*SECRETS.values(), "canary-forged-line", "canary-tail")
TABLES = ("audit_events", "outbox", "idempotent_requests")


def poisoned(value: Any, name: str = "") -> Any:
    """The body with a canary in each string; words that decide stay as they are."""
    if isinstance(value, dict):
        return {key: poisoned(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part, name) for part in value]
    if not isinstance(value, str) or name in ("role", "visibility", "powers"):
        return value
    if name in ("password", "old_password", "token", "invite"):
        return SECRETS["password"]
    if name in ("content", "text", "query", "instructions"):
        return SECRETS["prompt"] + FORGED_LINE
    if name == "email":
        return f"{SECRETS['text']}@example.org"
    return SECRETS["text"] + FORGED_LINE


def calls(gateway: RunningGateway) -> Iterator[tuple[Route, str, dict[str, Any]]]:
    paths = build_app(gateway.settings).openapi()["paths"]
    for path, methods in paths.items():
        for method in methods:
            route = (method.upper(), path)
            at = path
            for name in PATH_KINDS:
                at = at.replace("{" + name + "}", SECRETS["key"])
            ids = Ids(dict.fromkeys(PATH_KINDS.values(), "some-id"))
            body = BODIES[route](ids) if route in BODIES else {}
            yield route, at, {name: poisoned(value) for name, value in body.items()}


HEADERS = {
    "user-agent": SECRETS["text"],
    "cookie": f"session={SECRETS['session']}",
    "x-api-key": SECRETS["key"],
    "x-request-id": "; canary-tail",
    "x-stoa-visitor": SECRETS["service"],
    "traceparent": "00-canary-tail",
    "baggage": f"key={SECRETS['key']}",
    "idempotency-key": SECRETS["text"],
    "origin": "https://canary-tail.example.org",
    "referer": f"https://example.org/?token={SECRETS['password']}",
}


def say_everything(gateway: RunningGateway, ada: Person) -> None:
    tokens = [ada.token, SECRETS["key"]]
    for route, path, body in calls(gateway):
        for token in tokens:
            if route == ("DELETE", "/v1/sessions/current"):
                continue  # she goes on
            headers = {**HEADERS, "authorization": f"Bearer {token}"}
            query = {"token": SECRETS["password"], "api_key": SECRETS["key"]}
            what = {**body, "params": {**query, **body.get("params", {})}}
            gateway.http.request(route[0], path, headers=headers, **what)
    for token in ("session", "service"):
        bearer = {**HEADERS, "authorization": f"Bearer {SECRETS[token]}"}
        gateway.http.get("/v1/me", headers=bearer)


@pytest.fixture
def said(gateway: RunningGateway, ada: Person) -> Heard:
    """All that was logged and traced while every secret went by."""
    _, file = ada.upload("a.txt", SECRETS["text"].encode())
    with saying_everything("gateway") as heard:
        say_everything(gateway, ada)
        ada.post("/v1/vector_stores", {"name": SECRETS["text"], "file_ids": [file["id"]]})
        ada.post("/v1/keys", {"name": SECRETS["text"] + FORGED_LINE})
    return heard


async def test_no_log_line_metric_trace_or_row_of_ours_holds_a_secret(
    gateway: RunningGateway, ada: Person, said: Heard
) -> None:
    places = {"log": said.log, "traces": said.traces, "metrics": generate_latest().decode()}
    for table in TABLES:
        rows = await found(gateway.database_url, f"SELECT t::text FROM {table} t")  # noqa: S608
        places[table] = "\n".join(row[0] for row in rows)
    places["tasks"] = repr(gateway.sender.sent)
    secrets = (*EVERYWHERE, ada.token, SERVICE_SECRET)
    leaks = [
        (place, secret[:24]) for place in places for secret in secrets if secret in places[place]
    ]

    assert said.log.count("\n") > 150
    assert len(said.collector.spans) > 150
    assert places["audit_events"]
    assert leaks == []


def test_each_line_of_the_log_is_one_of_ours(said: Heard) -> None:
    # Python's own idea of a line, which is wider than a newline: forged ones would be among them.
    assert said.not_ours() == []
    assert said.log.replace("\n", "").isprintable()
