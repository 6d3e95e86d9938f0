"""Rate limits as programs see them: headers on every answer, 429 with a time to come back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from contracts.accounts import Power
from contracts.ids import new_id
from gateway.settings import RateLimits
from tests.integration.sdk.places import Place, newcomer
from tests.support.gateway import Person, RunningGateway, gateway_settings, running_gateway
from tests.support.waiting import wait_until

HI: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hi"}]
Opened = Callable[[RateLimits], RunningGateway]


@pytest.fixture
def with_limits(place: Place, tmp_path: Path) -> Iterator[Opened]:
    """Another gateway on the same database and engine, with limits of its own."""
    with ExitStack() as closing:

        def opened(limits: RateLimits) -> RunningGateway:
            url = place.gateway.database_url
            running = running_gateway(
                url,
                tmp_path,
                retrieval_url=place.retrieval,
                inference_url=place.inference,
                settings=gateway_settings(url, tmp_path, limits=limits),
            )
            return closing.enter_context(running)

        yield opened


def sdk_of(gateway: RunningGateway, person: Person) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{gateway.address}/v1", api_key=person.token, max_retries=0)


def limits_in(headers: httpx2.Headers) -> dict[str, str]:
    prefix = "x-ratelimit-"
    return {name[len(prefix) :]: headers[name] for name in headers if name.startswith(prefix)}


def test_every_answer_tells_the_callers_limits(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(requests_per_minute=5, tokens_per_minute=50_000))
    bob = newcomer(gateway, "chat", "read", "ingest")
    with sdk_of(gateway, bob) as sdk:
        before = limits_in(sdk.models.with_raw_response.list().headers)
        asked = limits_in(
            sdk.chat.completions.with_raw_response.create(model="simulator", messages=HI).headers
        )
        after = wait_until(
            lambda: _settled(limits_in(sdk.models.with_raw_response.list().headers)),
            seconds=10,
            what="the tokens that were not used",
        )
        missing = limits_in(_refused(sdk).response.headers)

    assert before == {
        "limit-requests": "5",
        "remaining-requests": "5",
        "reset-requests": "0s",
        "limit-tokens": "50000",
        "remaining-tokens": "50000",
        "reset-tokens": "0s",
    }
    assert after is not None
    assert asked["remaining-requests"] == "4"
    assert asked["reset-requests"] != "0s"
    assert int(asked["remaining-tokens"]) <= int(after["remaining-tokens"]) < 50_000
    assert after["remaining-requests"] == missing["remaining-requests"] == "4"


def _settled(limits: dict[str, str]) -> dict[str, str] | None:
    # The engine's prompt and answer have some twenty tokens; far more were reserved.
    return limits if int(limits["remaining-tokens"]) > 49_900 else None


def _refused(sdk: openai.OpenAI) -> openai.NotFoundError:
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.vector_stores.retrieve("vs_none")
    return unknown.value


def test_whoever_is_not_let_in_is_told_no_numbers(place: Place) -> None:
    refused = httpx2.get(f"{place.address}/models", headers={"authorization": "Bearer sk-no"})

    assert refused.status_code == 401
    assert limits_in(refused.headers) == {}
    assert refused.headers["openai-version"] == "2020-10-01"


def test_one_call_too_many_must_wait(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(requests_per_minute=2))
    bob = newcomer(gateway, "chat")
    with sdk_of(gateway, bob) as sdk:
        for _ in range(2):
            sdk.chat.completions.create(model="simulator", messages=HI)
        with pytest.raises(openai.RateLimitError) as refused:
            sdk.chat.completions.create(model="simulator", messages=HI)
    headers = refused.value.response.headers

    assert (refused.value.code, refused.value.type) == ("rate_limit_exceeded", "rate_limit_error")
    assert "2 requests a minute" in refused.value.message
    assert 1 <= int(headers["retry-after"]) <= 60
    assert headers["retry-after-ms"] == f"{headers['retry-after']}000"
    assert limits_in(headers)["remaining-requests"] == "0"


def test_tokens_are_limited_by_what_a_call_may_use(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(tokens_per_minute=3_000))
    bob = newcomer(gateway, "chat")
    with sdk_of(gateway, bob) as sdk:
        stalled = sdk.chat.completions.create(
            model="simulator",
            messages=[{"role": "user", "content": "say nothing more"}],
            stream=True,
        )
        with pytest.raises(openai.RateLimitError) as refused:
            sdk.chat.completions.create(model="simulator", messages=HI)
        stalled.close()
        again = wait_until(lambda: _answered(sdk), seconds=10, what="the tokens not used")

    assert "tokens a minute" in refused.value.message
    assert again == "You said: Hi"


def _answered(sdk: openai.OpenAI) -> str | None:
    try:
        answer = sdk.chat.completions.create(model="simulator", messages=HI)
    except openai.RateLimitError:
        return None
    return answer.choices[0].message.content


def test_keys_are_counted_apart_and_their_workspace_together(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(requests_per_minute=2, workspace_requests_per_minute=3))
    bob = newcomer(gateway)
    mel = gateway.enrol(new_id("mel-"), power=Power.MEMBER, beside=bob)
    first, second = gateway.with_key(bob, "chat"), gateway.with_key(mel, "chat")
    stranger = newcomer(gateway, "chat")
    outcomes = []
    for key in (first, first, first, second, second, stranger):
        with sdk_of(gateway, key) as sdk:
            outcomes.append(_answered(sdk) is not None)

    assert outcomes == [True, True, False, True, False, True]


def test_all_keys_of_a_member_share_the_members_limit(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(requests_per_minute=2))
    bob = newcomer(gateway)
    keys = [gateway.with_key(bob, "chat") for _ in range(3)]
    outcomes = []
    for key in keys:
        with sdk_of(gateway, key) as sdk:
            outcomes.append(_answered(sdk) is not None)

    assert outcomes == [True, True, False]


def test_members_are_counted_as_persons(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(requests_per_minute=1))
    bob = newcomer(gateway)
    mel = gateway.enrol(new_id("mel-"), power=Power.MEMBER, beside=bob)
    outcomes = []
    for person in (bob, bob, mel):
        with sdk_of(gateway, person) as sdk:
            outcomes.append(_answered(sdk) is not None)

    assert outcomes == [True, False, True]


def test_a_turn_of_the_chat_is_a_model_call(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(requests_per_minute=1))
    bob = newcomer(gateway)
    _, made = bob.post("/v1/assistants", {"name": "Talker", "instructions": "Talk."})
    bob.post(f"/v1/assistants/{made['id']}/publish")
    conversations = [
        bob.post("/v1/conversations", {"assistant_id": made["id"]})[1]["id"] for _ in range(2)
    ]
    answers = [
        bob.post(f"/v1/conversations/{each}/turns", {"text": "Hi"}) for each in conversations
    ]

    assert [status for status, _ in answers] == [201, 429]
    assert answers[1][1]["code"] == "rate_limit_exceeded"


def test_reading_and_uploading_is_not_counted(with_limits: Opened) -> None:
    gateway = with_limits(RateLimits(requests_per_minute=1))
    bob = newcomer(gateway, "chat", "read", "ingest")
    with sdk_of(gateway, bob) as sdk:
        for _ in range(5):
            sdk.files.list()
        sdk.vector_stores.create(name="One")

        assert _answered(sdk) == "You said: Hi"
