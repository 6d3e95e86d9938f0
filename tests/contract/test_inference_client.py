"""The inference client against the real inference app, on a loopback port."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager

import httpx2
import pytest

from contracts.clients.inference import InferenceClient
from contracts.errors import ErrorKind, RemoteError, ServiceUnavailable
from contracts.generation import CountRequest, GenerationChunk, GenerationRequest, PromptMessage
from inference.main import build_app
from inference.settings import QueueLimits, ScriptRule, SimulatorSettings, TimeLimits
from runtime.outgoing import known_authorities
from tests.support.inference import (
    ADA,
    asking,
    inference_settings,
    running_inference,
    sign_for_inference,
)
from tests.support.serving import served
from tests.support.waiting import eventually

RULES = (
    ScriptRule(pattern="colour", answer="Blue, like the sea."),
    ScriptRule(pattern="breaks", answer="One two three four.", fail_at_token=2),
    ScriptRule(pattern="refuses", answer="Nothing.", fail_at_token=0),
    ScriptRule(pattern="stalls", answer="One two three four.", stall_at_token=2),
    ScriptRule(pattern="waits", answer="Never said.", stall_at_token=0),
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_inference(*RULES, window_tokens=512) as address:
        yield address


@pytest.fixture(scope="module")
def narrow_address() -> Iterator[str]:
    """One slot, no queue, little patience."""
    settings = inference_settings(
        SimulatorSettings(kind="simulator", slots=1, rules=RULES),
        QueueLimits(waiting=0),
        TimeLimits(total_seconds=3),
    )
    with served(build_app(settings)) as address:
        yield address


@asynccontextmanager
async def calling(address: str) -> AsyncIterator[InferenceClient]:
    async with httpx2.AsyncClient(base_url=address, timeout=20, verify=known_authorities()) as http:
        yield InferenceClient(http, sign_for_inference)


async def test_counters_and_states_are_of_every_engine(address: str) -> None:
    async with calling(address) as inference:
        before = (await inference.counters(ADA)).data[0]
        async for _ in inference.generate(ADA, asking("What colour is the sky?")):
            pass
        (counted,) = (await inference.counters(ADA)).data
        (state,) = (await inference.engines(ADA)).data

    assert counted.model == state.model == "simulator"
    assert counted.counted.output_tokens > before.counted.output_tokens
    assert state.answers >= 1


async def answer_of(address: str, request: GenerationRequest) -> list[GenerationChunk]:
    async with calling(address) as inference:
        return [chunk async for chunk in inference.generate(ADA, request)]


async def refusal_of(address: str, request: GenerationRequest) -> RemoteError:
    with pytest.raises(RemoteError) as refused:
        await answer_of(address, request)
    return refused.value


async def test_an_answer_streams_and_ends_with_its_reason_and_usage(address: str) -> None:
    chunks = await answer_of(address, asking("Which colour?"))

    assert "".join(chunk.text for chunk in chunks) == "Blue, like the sea."
    assert chunks[-1].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.output_tokens == 6


async def test_line_breaks_survive_the_stream(address: str) -> None:
    chunks = await answer_of(address, asking("one\n\ntwo\r\nthree"))

    assert "".join(chunk.text for chunk in chunks) == "You said: one\n\ntwo\r\nthree"


async def test_an_unknown_model_is_not_found(address: str) -> None:
    refused = await refusal_of(address, asking("Which colour?", model="nobody"))

    assert (refused.kind, refused.code) == (ErrorKind.NOT_FOUND, "model_not_found")
    assert refused.param == "model"


async def test_a_prompt_that_does_not_fit_is_refused_with_counts(address: str) -> None:
    refused = await refusal_of(address, asking("word " * 600))

    assert (refused.kind, refused.code) == (ErrorKind.INVALID, "context_length_exceeded")
    assert "608 tokens" in refused.message
    assert "512 tokens" in refused.message


async def test_a_failure_before_the_first_token_is_a_real_status(address: str) -> None:
    refused = await refusal_of(address, asking("this refuses"))

    assert (refused.kind, refused.code) == (ErrorKind.UNAVAILABLE, "engine_failed")
    assert refused.retry_after_seconds is not None


async def test_a_failure_in_mid_stream_comes_after_what_was_generated(address: str) -> None:
    async with (
        calling(address) as inference,
        aclosing(inference.generate(ADA, asking("this breaks"))) as chunks,
    ):
        texts = [(await anext(chunks)).text, (await anext(chunks)).text]
        with pytest.raises(RemoteError) as failed:
            await anext(chunks)

    assert (texts, failed.value.code) == (["One", " two"], "engine_failed")


async def test_a_full_engine_says_when_to_come_back(narrow_address: str) -> None:
    async with (
        calling(narrow_address) as inference,
        aclosing(inference.generate(ADA, asking("this stalls"))) as first,
    ):
        await anext(first)
        refused = await refusal_of(narrow_address, asking("Which colour?"))
    await _free_again(narrow_address)

    assert (refused.kind, refused.code) == (ErrorKind.UNAVAILABLE, "engine_busy")
    assert refused.retry_after_seconds == 5


async def test_a_reader_who_leaves_in_mid_stream_frees_the_engine(narrow_address: str) -> None:
    async with (
        calling(narrow_address) as inference,
        aclosing(inference.generate(ADA, asking("this stalls"))) as chunks,
    ):
        await anext(chunks)

    await _free_again(narrow_address)


async def test_a_reader_who_leaves_before_the_first_token_frees_the_engine(
    narrow_address: str,
) -> None:
    async with httpx2.AsyncClient(
        base_url=narrow_address, timeout=0.2, verify=known_authorities()
    ) as http:
        impatient = InferenceClient(http, sign_for_inference)
        with pytest.raises(ServiceUnavailable):
            await anext(impatient.generate(ADA, asking("this waits")))

    await _free_again(narrow_address)


async def test_an_answer_that_takes_too_long_is_stopped(narrow_address: str) -> None:
    refused = await refusal_of(narrow_address, asking("this waits"))

    assert (refused.kind, refused.code) == (ErrorKind.TIMED_OUT, "generation_timed_out")


async def test_counts_are_those_of_the_usage(address: str) -> None:
    request = asking("Which colour?")
    async with calling(address) as inference:
        counted = await inference.count(
            ADA,
            CountRequest(model="simulator", texts=["one two", "", "海"], messages=request.messages),
        )
    chunks = await answer_of(address, request)

    assert counted.texts == [2, 0, 1]
    assert chunks[-1].usage is not None
    assert counted.prompt == chunks[-1].usage.input_tokens


async def test_models_are_listed_with_window_and_price(address: str) -> None:
    async with calling(address) as inference:
        models = (await inference.models(ADA)).data

    assert [(model.id, model.window_tokens) for model in models] == [("simulator", 512)]
    assert models[0].price.currency == "USD"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/generations"), ("POST", "/v1/counts"), ("GET", "/v1/models")],
)
async def test_nobody_is_served_without_a_service_token(
    address: str, method: str, path: str
) -> None:
    async with httpx2.AsyncClient(base_url=address, verify=known_authorities()) as http:
        answer = await http.request(
            method, path, content=asking("hello").model_dump_json(), headers={}
        )

    assert answer.status_code == 401


async def test_unknown_fields_never_reach_an_engine(address: str) -> None:
    token = sign_for_inference(ADA)
    body = asking("hello").model_dump() | {"n": 100}
    async with httpx2.AsyncClient(base_url=address, verify=known_authorities()) as http:
        answer = await http.post(
            "/v1/generations", json=body, headers={"authorization": f"Bearer {token}"}
        )

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "n")


async def test_a_control_token_in_a_question_is_only_text(address: str) -> None:
    chunks = await answer_of(address, asking("a <|im_end|> b"))
    said = "".join(chunk.text for chunk in chunks)

    assert "<|im_end|>" not in said
    assert said.replace("\u200b", "") == "You said: a <|im_end|> b"


async def test_two_tenants_share_no_prefix_cache(address: str) -> None:
    request = GenerationRequest(
        model="simulator",
        messages=[PromptMessage(role="user", content="the same long question " * 5)],
        cache_salt="chosen by the caller",
    )
    bob = ADA.model_copy(update={"workspace_id": "ws_bob"})
    await answer_of(address, request)
    async with calling(address) as inference:
        of_bob = [chunk async for chunk in inference.generate(bob, request)]
    again = await answer_of(address, request)

    assert of_bob[-1].usage is not None
    assert of_bob[-1].usage.cached_tokens == 0
    assert again[-1].usage is not None
    assert again[-1].usage.cached_tokens > 0


async def test_readiness_names_the_engine(address: str) -> None:
    async with httpx2.AsyncClient(base_url=address, verify=known_authorities()) as http:
        answer = await http.get("/health/ready")

    assert answer.json()["checks"] == [
        {"name": "engine simulator:simulator", "ok": True, "detail": ""}
    ]


async def _free_again(address: str) -> None:
    async def answers() -> bool:
        try:
            return bool(await answer_of(address, asking("Which colour?")))
        except RemoteError:
            return False

    assert await eventually(answers, seconds=2, what="the engine to be free again")
