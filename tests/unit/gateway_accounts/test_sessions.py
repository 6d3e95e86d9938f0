"""Sessions: seen, ended, moved, left unused; and answers that end with them."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from contracts.accounts import Power
from gateway.settings import SessionLimits
from runtime.outgoing import known_authorities
from tests.support.accounts import call, person_of, sign_in, signed_in
from tests.support.gateway import PASSWORD, Person, RunningGateway, changed
from tests.unit.gateway.working import collection_of, document_of
from tests.unit.gateway_accounts.conftest import Opens

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ADA = "ada@example.org"


def test_a_member_sees_their_sessions_by_device_and_ends_one(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    credentials = {"email": ADA, "password": PASSWORD}
    _, opened = call(gateway.http, "/v1/sessions", credentials, **{"user-agent": FIREFOX})
    laptop = person_of(gateway.http, opened)
    laptop.get("/v1/me")
    _, seen = ada.get("/v1/sessions")
    theirs = {one["device"]: one for one in seen["data"]}
    foreign, problem = bob.delete(f"/v1/sessions/{theirs['Firefox on Linux']['id']}")
    ended, _ = ada.delete(f"/v1/sessions/{theirs['Firefox on Linux']['id']}")

    assert set(theirs) == {"", "Firefox on Linux"}
    assert [one["is_current"] for one in theirs.values()].count(True) == 1
    assert theirs["Firefox on Linux"]["last_used_at"] is not None
    assert opened["token"] not in str(seen)
    assert (foreign, problem["code"], ended) == (404, "session_not_found", 200)
    assert (laptop.get("/v1/me")[0], ada.get("/v1/me")[0]) == (401, 200)


def test_a_member_ends_all_sessions_but_this_one(gateway: RunningGateway, ada: Person) -> None:
    others = [signed_in(gateway.http, ADA, PASSWORD) for _ in range(3)]
    _, answer = ada.delete("/v1/sessions")

    assert answer["ended"] == 3
    assert {one.get("/v1/me")[0] for one in others} == {401}
    assert ada.get("/v1/me")[0] == 200


def test_a_session_that_nobody_uses_ends_before_its_time(opens: Opens) -> None:
    place = opens(sessions=SessionLimits(days=30, idle_days=2))
    ada = place.enrol("Ada")
    for _ in range(3):
        place.clock.forward(24 * 3600)
        assert ada.get("/v1/me")[0] == 200
    place.clock.forward(2 * 24 * 3600 + 60)

    assert ada.get("/v1/me")[1]["code"] == "not_signed_in"


def test_signing_in_gives_a_new_token_each_time(gateway: RunningGateway, ada: Person) -> None:
    tokens = {signed_in(gateway.http, ADA, PASSWORD).token for _ in range(3)} | {ada.token}

    assert len(tokens) == 4


def test_moving_to_another_workspace_changes_the_token(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    _, invite = ada.post("/v1/admin/invites", {"email": "bob@example.org", "role": "guest"})
    bob.post("/v1/invites/accept", {"token": invite["token"]})
    foreign, problem = bob.put("/v1/sessions/current", {"workspace_id": "wsp_nowhere"})
    _, session = bob.put("/v1/sessions/current", {"workspace_id": ada.workspace_id})
    moved = person_of(gateway.http, session)

    assert (foreign, problem["code"]) == (404, "workspace_not_found")
    assert moved.get("/v1/me")[1]["workspace"]["power"] == "guest"
    assert bob.get("/v1/me")[0] == 401


def test_another_role_ends_the_sessions_where_it_counts(
    gateway: RunningGateway, ada: Person
) -> None:
    carol = gateway.enrol("Carol", power=Power.MEMBER, beside=ada)
    path = f"/v1/workspaces/{ada.workspace_id}/members/{carol.member_id}"
    _, changed_member = ada.patch(path, {"role": "admin"})

    assert changed_member["role"] == "admin"
    assert carol.get("/v1/me")[0] == 401
    assert signed_in(gateway.http, "carol@example.org", PASSWORD).get("/v1/me")[0] == 200


@contextmanager
def listening(person: Person, path: str) -> Iterator[list[str]]:
    """Reads a stream beside the test; the last item of what it heard is "over"."""
    heard: list[str] = []

    def read() -> None:
        with (
            httpx2.Client(
                base_url=person.http.base_url, timeout=30, verify=known_authorities()
            ) as own,
            own.stream("GET", path, headers=person.headers()) as answer,
        ):
            heard.append(str(answer.status_code))
            heard.extend(line for line in answer.iter_lines() if line)
        heard.append("over")

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        thread.join(20)


def until(heard: list[str], what: str, seconds: float) -> float:
    """How long it takes until something was heard."""
    begun = time.monotonic()
    while what not in heard:
        assert time.monotonic() < begun + seconds, heard
        threading.Event().wait(0.02)
    return time.monotonic() - begun


@pytest.fixture
def stream_of(ada: Person) -> str:
    """A stream that says nothing for a long time: nobody reads the document."""
    collection_id = collection_of(ada)
    return f"/v1/vector_stores/{collection_id}/files/{document_of(ada, collection_id)}/events"


@pytest.mark.parametrize("way", ["sign out", "password", "suspension", "removal"])
def test_an_open_stream_ends_with_its_session(
    gateway: RunningGateway, ada: Person, operator: Person, stream_of: str, way: str
) -> None:
    reader = gateway.enrol("Carol", beside=ada)
    with listening(reader, stream_of) as heard:
        until(heard, "200", 40)
        if way == "sign out":
            reader.delete("/v1/sessions/current")
        elif way == "password":
            body = {"old_password": PASSWORD, "password": "a walk under olive trees"}
            reader.post("/v1/me/password", body)
        elif way == "suspension":
            operator.post(f"/v1/admin/members/{reader.member_id}/suspend")
        else:
            ada.delete(f"/v1/workspaces/{ada.workspace_id}/members/{reader.member_id}")
        at_once = reader.get("/v1/me")[0]
        waited_seconds = until(heard, "over", 60)

    assert at_once == 401
    assert waited_seconds < 20
    assert "event: error" in heard
    assert any("not_signed_in" in line for line in heard)


def test_an_open_stream_ends_with_its_key(
    gateway: RunningGateway, ada: Person, stream_of: str
) -> None:
    key = gateway.with_key(ada, "read")
    _, keys = ada.get("/v1/keys")
    with listening(key, stream_of) as heard:
        until(heard, "200", 40)
        ada.delete(f"/v1/keys/{keys['data'][0]['id']}")
        waited_seconds = until(heard, "over", 60)

    assert waited_seconds < 20
    assert any("invalid_api_key" in line for line in heard)


def test_a_stream_of_somebody_who_stays_goes_on(ada: Person, stream_of: str) -> None:
    with listening(ada, stream_of) as heard:
        until(heard, "200", 40)
        threading.Event().wait(2.5)  # longer than one look at the caller
        collection, _, file = stream_of.removesuffix("/events").rpartition("/files/")
        assert "over" not in heard
        ada.delete(f"{collection}/files/{file}")
        until(heard, "over", 60)

    assert "event: error" not in heard


def test_who_is_suspended_hears_so_only_with_the_right_password(
    gateway: RunningGateway, ada: Person, operator: Person
) -> None:
    key = gateway.with_key(ada, "read")
    operator.post(f"/v1/admin/members/{ada.member_id}/suspend")
    wrong, right = (
        sign_in(gateway.http, ADA, "not hers at all"),
        sign_in(gateway.http, ADA, PASSWORD),
    )
    asleep = key.get("/v1/me")[0]
    operator.post(f"/v1/admin/members/{ada.member_id}/reinstate")

    assert (wrong[1]["code"], right[1]["code"]) == ("wrong_credentials", "account_suspended")
    assert (asleep, key.get("/v1/me")[0], ada.get("/v1/me")[0]) == (401, 200, 401)
    assert sign_in(gateway.http, ADA, PASSWORD)[0] == 201


def test_only_operators_suspend_and_one_always_stays(
    gateway: RunningGateway, ada: Person, bob: Person, operator: Person
) -> None:
    path = "/v1/admin/members/{}/suspend"
    assert ada.post(path.format(bob.member_id))[1]["code"] == "not_the_operator"
    assert operator.post(path.format("mem_nobody"))[1]["code"] == "member_not_found"
    assert operator.post(path.format(operator.member_id))[1]["code"] == "last_operator"

    second = gateway.enrol("Oscar", is_operator=True)
    assert operator.post(path.format(second.member_id))[0] == 200
    assert operator.post(path.format(operator.member_id))[1]["code"] == "last_operator"


def test_a_member_in_no_workspace_comes_back_by_an_invite_and_their_password(
    gateway: RunningGateway, ada: Person
) -> None:
    carol = gateway.enrol("Carol", power=Power.GUEST, beside=ada)
    ada.delete(f"/v1/workspaces/{ada.workspace_id}/members/{carol.member_id}")
    nowhere = sign_in(gateway.http, "carol@example.org", PASSWORD)
    _, invite = ada.post("/v1/admin/invites", {"email": "carol@example.org", "role": "member"})
    wrong = call(
        gateway.http, "/v1/invites/sign-in", {"token": invite["token"], "password": "no such word"}
    )
    back, session = call(
        gateway.http, "/v1/invites/sign-in", {"token": invite["token"], "password": PASSWORD}
    )

    assert nowhere[1]["code"] == "in_no_workspace"
    assert (wrong[0], back) == (401, 201)
    assert session["member"]["workspace"]["id"] == ada.workspace_id


def test_a_deleted_rows_session_opens_nothing(gateway: RunningGateway, ada: Person) -> None:
    gone = "UPDATE members SET deleted_at = now() WHERE id = :id"
    asyncio.run(changed(gateway.database_url, gone, id=ada.member_id))

    assert ada.get("/v1/me")[0] == 401
    assert sign_in(gateway.http, ADA, PASSWORD)[1]["code"] == "wrong_credentials"
