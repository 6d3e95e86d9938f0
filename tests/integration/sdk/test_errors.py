"""Each exception class of the official SDK, its time-outs and its retries."""

import time
from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.integration.sdk.places import Place, newcomer
from tests.support.engines import free_port
from tests.support.gateway import Person


def said(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


@pytest.fixture
def bob(place: Place) -> Person:
    return newcomer(place.gateway, "chat")


@pytest.fixture
def patient_bob(place: Place, bob: Person) -> Iterator[openai.OpenAI]:
    """The SDK as it comes: it tries twice more."""
    with openai.OpenAI(base_url=place.address, api_key=bob.token) as client:
        yield client


def test_bad_requests_name_the_field(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        sdk.chat.completions.create(model="simulator", messages=[])

    assert (refused.value.status_code, refused.value.param) == (400, "messages")
    assert refused.value.type == "invalid_request_error"
    assert refused.value.request_id is not None


def test_a_wrong_key_is_an_authentication_error(place: Place) -> None:
    with (
        openai.OpenAI(base_url=place.address, api_key="sk-stoa-wrong") as client,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        client.models.list()

    assert refused.value.code == "invalid_api_key"


def test_a_missing_scope_is_a_permission_error(patient_bob: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        patient_bob.files.create(file=("a.txt", b"x"), purpose="assistants")

    assert refused.value.code == "scope_missing"


def test_an_unknown_id_is_a_not_found_error(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.vector_stores.retrieve("vs_none")

    assert unknown.value.code == "vector_store_not_found"


def test_a_final_conflict_is_not_tried_again(sdk: openai.OpenAI) -> None:
    patient = sdk.with_options(max_retries=2)
    store = sdk.vector_stores.create(name="Conflict").id
    document = sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store, file=("a.md", b"# A"), poll_interval_ms=20
    )
    with pytest.raises(openai.ConflictError) as conflict:
        patient.post(f"/vector_stores/{store}/files/{document.id}/retry", cast_to=dict[str, object])

    assert conflict.value.code == "nothing_to_retry"
    assert conflict.value.response.headers["x-should-retry"] == "false"
    assert conflict.value.request.headers["x-stainless-retry-count"] == "0"


def test_a_reused_key_is_an_unprocessable_entity(sdk: openai.OpenAI) -> None:
    once = {"Idempotency-Key": "errors-422"}
    sdk.vector_stores.create(name="One", extra_headers=once)
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        sdk.vector_stores.create(name="Two", extra_headers=once)

    assert refused.value.code == "idempotency_key_reused"


def test_an_engine_that_fails_is_a_server_error(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as failed:
        sdk.chat.completions.create(model="simulator", messages=said("refuse at once"))

    assert (failed.value.status_code, failed.value.code) == (503, "engine_failed")
    headers = failed.value.response.headers
    assert (headers["retry-after"], headers["retry-after-ms"]) == ("1", "1000")
    assert headers["x-should-retry"] == "true"


def test_an_error_inside_a_stream_raises(sdk: openai.OpenAI) -> None:
    stream = sdk.chat.completions.create(model="simulator", messages=said("break off"), stream=True)
    first = next(stream)
    with pytest.raises(openai.APIError) as failed:
        list(stream)

    assert failed.value.code == "engine_failed"
    assert first.choices[0].delta.role == "assistant"


def test_nobody_there_is_a_connection_error() -> None:
    address = f"http://127.0.0.1:{free_port()}/v1"
    with (
        openai.OpenAI(base_url=address, api_key="sk-stoa-any", max_retries=0) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.models.list()


def test_an_answer_that_takes_too_long_is_a_time_out(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.APITimeoutError):
        sdk.chat.completions.create(
            model="simulator", messages=said("say nothing more"), timeout=0.5
        )


def test_a_503_is_tried_again_and_charged_once(
    place: Place, bob: Person, patient_bob: openai.OpenAI
) -> None:
    impatient = patient_bob.with_options(max_retries=0)
    with pytest.raises(openai.InternalServerError):
        impatient.chat.completions.create(model="fragile", messages=said("go down"))
    patient = patient_bob.with_options(max_retries=5)
    started = time.monotonic()
    raw = patient.chat.completions.with_raw_response.create(model="fragile", messages=said("Hi"))
    answer = raw.parse()

    assert answer.choices[0].message.content == "You said: Hi"
    assert raw.retries_taken >= 1
    assert time.monotonic() - started >= raw.retries_taken  # each pause was retry-after's second
    assert place.calls_of(bob.member_id) == 1
    assert [status for status, _ in place.charges(answer.id)] == ["complete"]
