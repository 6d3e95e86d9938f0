"""Headers that claim to know better: neither routing, nor rights, nor limits follow them (T11)."""

from pathlib import Path

import pytest

from contracts.principal import Principal
from gateway.settings import GuessLimits
from runtime.service_auth import ServiceTokens
from runtime.visitor_tokens import HEADER, Visitor, VisitorTokens
from tests.support.gateway import (
    SERVICE_SECRET,
    Person,
    RunningGateway,
    gateway_settings,
    running_gateway,
)

FORGED = [
    ("host", "internal.example.org"),
    ("host", "127.0.0.1:8082"),
    ("x-forwarded-host", "internal.example.org"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-prefix", "/v1/admin"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-real-ip", "127.0.0.1"),
    ("forwarded", "for=127.0.0.1;host=internal.example.org"),
    ("x-original-url", "/v1/admin/members"),
    ("x-rewrite-url", "/v1/admin/members"),
    ("x-http-method-override", "DELETE"),
    ("x-http-method", "DELETE"),
    ("x-method-override", "DELETE"),
    ("x-forwarded-user", "operator@example.org"),
    ("x-remote-user", "operator@example.org"),
    ("x-user-id", "mem_operator"),
    ("x-workspace-id", "wsp_other"),
    ("x-request-from", "internal"),
    ("x-internal", "true"),
    ("x-stoa-internal", "true"),
    ("x-stoa-operator", "true"),
    ("x-middleware-subrequest", "middleware"),
    ("cookie", "session=ses-stoa-forged; token=forged"),
    (HEADER, "forged"),
    (HEADER, "eyJhbGciOiJub25lIn0.eyJhZGRyZXNzIjoiMTI3LjAuMC4xIn0."),
]
PLACES = [
    ("GET", "/v1/me"),
    ("GET", "/v1/admin/members"),
    ("POST", "/v1/admin/members"),
    ("POST", "/internal/jobs/sweep"),
]


@pytest.fixture
def mel(gateway: RunningGateway) -> Person:
    """Somebody with one assistant, who runs nothing but her own workspace."""
    mel = gateway.enrol("Mel")
    mel.post("/v1/assistants", {"name": "Atlas"})
    return mel


def test_a_forged_header_changes_no_answer(gateway: RunningGateway, mel: Person) -> None:
    def seen(method: str, path: str, **more: str) -> tuple[int, str]:
        answer = gateway.http.request(method, path, headers=mel.headers() | more)
        return answer.status_code, answer.json()["error"]["code"] if answer.is_error else "done"

    changed = []
    for method, path in PLACES:
        plain = seen(method, path)
        for name, value in FORGED:
            if seen(method, path, **{name: value}) != plain:
                changed.append((method, path, name))

    assert changed == []
    assert len(mel.get("/v1/assistants")[1]["data"]) == 1


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-real-ip", "forwarded"])
def test_metrics_are_not_for_whoever_comes_through_a_proxy(
    gateway: RunningGateway, name: str
) -> None:
    assert gateway.http.get("/metrics", headers={name: "127.0.0.1"}).status_code == 404


def test_a_claimed_address_opens_no_new_bucket(database_url: str, tmp_path: Path) -> None:
    limits = GuessLimits(account_from_address=3)
    settings = gateway_settings(database_url, tmp_path, guesses=limits)
    with running_gateway(database_url, tmp_path, settings=settings) as gateway:
        gateway.enrol("Ada")
        wrong = {"email": "ada@example.org", "password": "not the password"}
        statuses = [
            gateway.http.post(
                "/v1/sessions",
                json=wrong,
                headers={
                    "x-forwarded-for": f"192.0.2.{number}",
                    "forwarded": f"for=192.0.2.{number}",
                    "x-real-ip": f"192.0.2.{number}",
                    HEADER: _vouched_by_a_stranger(f"192.0.2.{number}"),
                },
            ).status_code
            for number in range(6)
        ]

    assert statuses == [401, 401, 401, 429, 429, 429]


def test_a_claimed_address_is_not_the_one_recorded(gateway: RunningGateway) -> None:
    olga = gateway.enrol("Olga", is_operator=True)
    gateway.http.get("/v1/me", headers={"x-forwarded-for": "192.0.2.66"})
    _, page = olga.get("/v1/admin/audit", refused="true")

    assert [row["client"] for row in page["data"]] == ["127.0.0.1"]


def test_a_token_of_one_service_is_no_session_and_no_key(gateway: RunningGateway) -> None:
    tokens = ServiceTokens(SERVICE_SECRET.encode(), "ingest")
    token = tokens.sign("gateway", Principal(write=True))
    answer = gateway.http.get("/v1/me", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 401


def _vouched_by_a_stranger(address: str) -> str:
    """Web's header, signed with a key that is not this installation's."""
    tokens = VisitorTokens(b"a key of somebody else, 32 bytes")
    return tokens.sign(Visitor(address, "", ""))
