"""Idempotency-Key by the official SDK: what is asked twice is done once."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from contracts.ids import new_id
from tests.integration.sdk.places import Place, newcomer
from tests.support.gateway import Person
from tests.support.waiting import wait_until


def said(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


@pytest.fixture
def once() -> dict[str, str]:
    """A header with a new key."""
    return {"Idempotency-Key": new_id("")}


@pytest.fixture
def bob(place: Place) -> Person:
    return newcomer(place.gateway, "chat", "read", "ingest", "manage")


@pytest.fixture
def of_bob(place: Place, bob: Person) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=place.address, api_key=bob.token, max_retries=0) as client:
        yield client


def entries(place: Place) -> int:
    ((count,),) = place.rows("SELECT count(*) FROM idempotent_requests")
    return int(count)


def test_an_answer_is_replayed_and_charged_once(
    place: Place, bob: Person, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    raw = [
        of_bob.chat.completions.with_raw_response.create(
            model="simulator", messages=said("Hi"), extra_headers=once
        )
        for _ in range(3)
    ]
    answers = [each.parse() for each in raw]

    assert answers[0] == answers[1] == answers[2]
    assert [each.headers.get("idempotent-replayed") for each in raw] == [None, "true", "true"]
    assert len({each.request_id for each in raw}) == 3
    assert (
        raw[1].headers["x-ratelimit-limit-requests"] == raw[0].headers["x-ratelimit-limit-requests"]
    )
    assert place.calls_of(bob.member_id) == 1


def test_a_stream_is_replayed_to_the_byte(
    place: Place, bob: Person, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    streams = []
    for _ in range(2):
        with of_bob.chat.completions.with_streaming_response.create(
            model="simulator", messages=said("Hi"), stream=True, extra_headers=once
        ) as response:
            streams.append((response.read(), response.headers["content-type"]))

    assert streams[0] == streams[1]
    assert streams[0][0].endswith(b"data: [DONE]\n\n")
    assert place.calls_of(bob.member_id) == 1


def test_what_is_made_is_made_once(of_bob: openai.OpenAI, once: dict[str, str]) -> None:
    made = [of_bob.vector_stores.create(name="Once", extra_headers=once) for _ in range(2)]

    assert made[0] == made[1]
    assert [each.id for each in of_bob.vector_stores.list()] == [made[0].id]


def test_an_upload_is_stored_once_though_its_form_is_written_anew(
    of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    content = b"0123456789abcdef" * (3 << 16)
    made = [
        of_bob.files.create(file=("a.txt", content), purpose="assistants", extra_headers=once)
        for _ in range(2)
    ]

    assert made[0] == made[1]
    assert [each.id for each in of_bob.files.list()] == [made[0].id]


@pytest.mark.parametrize("second", [("b.txt", b"x"), ("a.txt", b"y")])
def test_another_upload_under_the_key_is_refused(
    of_bob: openai.OpenAI, once: dict[str, str], second: tuple[str, bytes]
) -> None:
    of_bob.files.create(file=("a.txt", b"x"), purpose="assistants", extra_headers=once)
    with pytest.raises(openai.UnprocessableEntityError):
        of_bob.files.create(file=second, purpose="assistants", extra_headers=once)

    assert len(of_bob.files.list().data) == 1


def test_another_path_under_the_key_is_refused(of_bob: openai.OpenAI, once: dict[str, str]) -> None:
    of_bob.vector_stores.create(name="One", extra_headers=once)
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        of_bob.chat.completions.create(model="simulator", messages=said("Hi"), extra_headers=once)

    assert (refused.value.code, refused.value.param) == (
        "idempotency_key_reused",
        "Idempotency-Key",
    )


def test_of_two_at_once_one_is_told_to_wait(
    place: Place, bob: Person, once: dict[str, str]
) -> None:
    body = {"model": "slow", "messages": said("count to six")}
    answers: list[httpx2.Response] = []
    start = threading.Barrier(4)

    def ask() -> None:
        start.wait()
        answers.append(
            httpx2.post(
                f"{place.address}/chat/completions",
                json=body,
                headers={**bob.headers(), **once},
                timeout=30,
            )
        )

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waiting = [each for each in answers if each.status_code == 409]
    again = httpx2.post(
        f"{place.address}/chat/completions", json=body, headers={**bob.headers(), **once}
    )

    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409]
    assert {each.json()["error"]["code"] for each in waiting} == {"idempotency_in_flight"}
    assert {each.headers["retry-after"] for each in waiting} == {"1"}
    assert again.headers["idempotent-replayed"] == "true"
    assert place.calls_of(bob.member_id) == 1


def test_the_sdk_waits_for_the_first_and_gets_its_answer(
    place: Place, bob: Person, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    answers: list[str] = []

    def ask() -> None:
        patient = of_bob.with_options(max_retries=5)
        answer = patient.chat.completions.create(
            model="slow", messages=said("count to six"), extra_headers=once
        )
        answers.append(answer.id)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 2
    assert len(set(answers)) == 1
    assert place.calls_of(bob.member_id) == 1


def test_a_failure_is_not_kept(
    place: Place, bob: Person, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    before = entries(place)
    for _ in range(2):
        with pytest.raises(openai.InternalServerError) as failed:
            of_bob.chat.completions.create(
                model="simulator", messages=said("refuse at once"), extra_headers=once
            )
        assert "idempotent-replayed" not in failed.value.response.headers

    assert entries(place) == before
    assert place.calls_of(bob.member_id) == 0


def test_a_stream_that_broke_off_is_not_kept(
    place: Place, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    before = entries(place)
    with pytest.raises(openai.APIError):
        list(
            of_bob.chat.completions.create(
                model="simulator", messages=said("break off"), stream=True, extra_headers=once
            )
        )

    wait_until(lambda: entries(place) == before, seconds=10, what="the entry to be forgotten")


def test_a_reader_who_left_may_ask_again(
    place: Place, bob: Person, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    before = entries(place)
    with pytest.raises(openai.APITimeoutError):
        of_bob.chat.completions.create(
            model="simulator",
            messages=said("say nothing more"),
            extra_headers=once,
            timeout=1.5,
        )
    wait_until(lambda: entries(place) == before, seconds=10, what="the entry to be forgotten")

    assert place.calls_of(bob.member_id) == 1


def test_a_refusal_is_replayed_too(of_bob: openai.OpenAI, once: dict[str, str]) -> None:
    refusals = []
    for _ in range(2):
        with pytest.raises(openai.NotFoundError) as refused:
            of_bob.vector_stores.files.create("vs_none", file_id="file-none", extra_headers=once)
        refusals.append(refused.value)

    assert refusals[0].body == refusals[1].body
    assert refusals[1].response.headers["idempotent-replayed"] == "true"


def test_an_answer_over_the_bound_is_not_kept(
    place: Place, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    before = entries(place)
    name = "x" * 200
    for _ in range(2):
        raw = of_bob.vector_stores.with_raw_response.create(
            name=name, extra_headers=once, metadata={str(n): "y" * 512 for n in range(16)}
        )
        assert "idempotent-replayed" not in raw.headers

    assert entries(place) == before


def test_callers_do_not_share_keys(
    of_bob: openai.OpenAI, sdk: openai.OpenAI, once: dict[str, str]
) -> None:
    his = of_bob.vector_stores.create(name="Same", extra_headers=once)
    hers = sdk.vector_stores.create(name="Same", extra_headers=once)

    assert his.id != hers.id


def test_a_revoked_key_gets_no_replay(place: Place, once: dict[str, str]) -> None:
    session = newcomer(place.gateway)
    key = place.gateway.with_key(session, "chat", "ingest")
    with openai.OpenAI(base_url=place.address, api_key=key.token, max_retries=0) as client:
        client.vector_stores.create(name="Mine", extra_headers=once)
        _, keys = session.get("/v1/keys")
        for each in keys["data"]:
            session.delete(f"/v1/keys/{each['id']}")
        with pytest.raises(openai.AuthenticationError):
            client.vector_stores.create(name="Mine", extra_headers=once)


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_an_odd_key_is_refused(of_bob: openai.OpenAI, key: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        of_bob.vector_stores.create(name="Odd", extra_headers={"Idempotency-Key": key})

    assert refused.value.code == "invalid_idempotency_key"


def test_without_a_key_of_either_kind_the_route_decides(place: Place) -> None:
    answer = httpx2.post(
        f"{place.address}/vector_stores", json={}, headers={"Idempotency-Key": "any"}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


def test_the_table_tells_nothing(place: Place, of_bob: openai.OpenAI, once: dict[str, str]) -> None:
    made: Any = of_bob.post(
        "/files",
        cast_to=dict[str, Any],
        files={"file": ("canary.txt", b"x")},
        body={"purpose": "assistants"},
        options={"headers": {**once, "content-type": "multipart/form-data"}},
    )
    rows = place.rows("SELECT id, fingerprint, answer FROM idempotent_requests")
    written = "".join(f"{row[0]}{row[1]}{bytes(row[2] or b'').decode('latin-1')}" for row in rows)

    assert made["filename"] == "canary.txt"
    assert once["Idempotency-Key"] not in written
    assert "canary" not in written


def test_a_gateway_that_died_gives_the_key_back(
    place: Place, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    made = of_bob.vector_stores.create(name="Lost", extra_headers=once)
    # As if the gateway had been killed after its work and before its answer was kept.
    place.rows(
        "UPDATE idempotent_requests SET answer = NULL, lease_until = now() + interval '3 s'"
        " WHERE created_at = (SELECT max(created_at) FROM idempotent_requests) RETURNING id"
    )
    with pytest.raises(openai.ConflictError):
        of_bob.vector_stores.create(name="Lost", extra_headers=once)
    again = of_bob.with_options(max_retries=9).vector_stores.create(name="Lost", extra_headers=once)

    assert again.id != made.id


def test_kept_answers_are_swept_after_a_day(
    place: Place, of_bob: openai.OpenAI, once: dict[str, str]
) -> None:
    first = of_bob.vector_stores.create(name="Yesterday", extra_headers=once)
    place.gateway.jobs().sweep()
    kept = entries(place)
    place.rows("UPDATE idempotent_requests SET expires_at = now() RETURNING id")
    place.gateway.jobs().sweep()
    left = entries(place)
    second = of_bob.vector_stores.create(name="Yesterday", extra_headers=once)

    assert (kept > 0, left) == (True, 0)
    assert first.id != second.id
