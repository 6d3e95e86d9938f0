"""Sessions and keys: who gets in, how far, and until when."""

import time

import pytest

from tests.support.gateway import PASSWORD, Person, RunningGateway


def _sign_in(gateway: RunningGateway, email: str, password: str) -> tuple[int, dict[str, object]]:
    answer = gateway.http.post("/v1/sessions", json={"email": email, "password": password})
    return answer.status_code, answer.json()


def test_a_member_signs_in_and_out(gateway: RunningGateway, ada: Person) -> None:
    status, session = _sign_in(gateway, "ADA@example.org", PASSWORD)
    visitor = Person(gateway.http, str(session["token"]))
    _, me = visitor.get("/v1/me")
    visitor.delete("/v1/sessions/current")
    after, problem = visitor.get("/v1/me")

    assert (status, me["id"]) == (201, ada.member_id)
    assert (after, problem["code"]) == (401, "not_signed_in")


@pytest.mark.usefixtures("ada")
def test_unknown_address_and_wrong_password_are_one_answer(gateway: RunningGateway) -> None:
    unknown_status, unknown = _sign_in(gateway, "nobody@example.org", PASSWORD)
    wrong_status, wrong = _sign_in(gateway, "ada@example.org", "not her password")

    assert (unknown_status, wrong_status) == (401, 401)
    assert unknown["error"] == wrong["error"]


def test_a_session_ends_by_itself(gateway: RunningGateway, ada: Person) -> None:
    _, session = _sign_in(gateway, "ada@example.org", PASSWORD)
    visitor = Person(gateway.http, str(session["token"]), ada.member_id)
    gateway.clock.forward(31 * 24 * 3600)

    assert visitor.get("/v1/me")[0] == 401


def test_a_bad_key_is_refused_in_openais_shape(gateway: RunningGateway) -> None:
    answer = gateway.http.get("/v1/me", headers={"authorization": "Bearer sk-stoa-nonsense"})

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_no_token_is_no_entry(gateway: RunningGateway) -> None:
    answer = gateway.http.get("/v1/assistants")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


def test_a_key_is_shown_once_and_kept_as_a_hash(ada: Person) -> None:
    _, made = ada.post("/v1/keys", {"name": "laptop", "scopes": ["chat"]})
    _, listed = ada.get("/v1/keys")

    assert made["key"].startswith("sk-stoa-")
    assert made["key"].startswith(made["prefix"])
    assert "key" not in listed["data"][0]
    assert listed["data"][0]["prefix"] == made["prefix"]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("chat", {"models"}),
        ("read", {"list"}),
        ("ingest", {"upload", "collection"}),
        ("manage", {"create", "key"}),
    ],
)
def test_a_key_does_what_its_scope_says_and_nothing_else(
    gateway: RunningGateway, ada: Person, scope: str, allowed: set[str]
) -> None:
    holder = gateway.with_key(ada, scope)
    answers = {
        "list": holder.get("/v1/assistants"),
        "upload": holder.upload("a.txt", b"a"),
        "collection": holder.post("/v1/vector_stores", {"name": "c"}),
        "create": holder.post("/v1/assistants", {"name": "Atlas"}),
        "key": holder.post("/v1/keys", {"name": "k", "scopes": [scope]}),
        # Nobody serves models here: an allowed caller hears that, others do not get so far.
        "models": holder.get("/v1/models"),
    }

    assert {what for what, (status, _) in answers.items() if status != 403} == allowed
    refused = [body["code"] for what, (_, body) in answers.items() if what not in allowed]
    assert set(refused) == {"scope_missing"}


def test_a_key_cannot_make_a_stronger_key(gateway: RunningGateway, ada: Person) -> None:
    manager = gateway.with_key(ada, "manage")
    status, problem = manager.post("/v1/keys", {"name": "more", "scopes": ["chat", "manage"]})

    assert (status, problem["code"]) == (403, "scope_not_held")


def test_a_revoked_key_opens_nothing(gateway: RunningGateway, ada: Person) -> None:
    holder = gateway.with_key(ada, "read")
    _, keys = ada.get("/v1/keys")
    before, _ = holder.get("/v1/assistants")
    ada.delete(f"/v1/keys/{keys['data'][0]['id']}")
    after, problem = holder.get("/v1/assistants")

    assert (before, after, problem["code"]) == (200, 401, "invalid_api_key")


def test_a_key_expires(gateway: RunningGateway, ada: Person) -> None:
    wanted = {"name": "short", "scopes": ["read"], "expires_at": int(time.time()) + 60}
    _, made = ada.post("/v1/keys", wanted)
    holder = Person(gateway.http, made["key"])
    before, _ = holder.get("/v1/assistants")
    gateway.clock.forward(120)

    assert (before, holder.get("/v1/assistants")[0]) == (200, 401)


def test_foreign_keys_cannot_be_revoked(ada: Person, bob: Person) -> None:
    _, made = ada.post("/v1/keys", {"name": "laptop"})
    status, problem = bob.delete(f"/v1/keys/{made['id']}")

    assert (status, problem["code"]) == (404, "key_not_found")
