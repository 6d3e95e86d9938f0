"""Chat completions and models by the official SDK: whole, streamed, asynchronous, as JSON."""

import json
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from pydantic import BaseModel

from tests.integration.sdk.places import LEAVE, Place
from tests.support.waiting import wait_until

QUESTION = "How many days of annual leave a year for full-time staff?"


class Leave(BaseModel):
    """What is asked for as JSON."""

    answer: str
    days: int


def said(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def text_of(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_models_are_listed_and_found(sdk: openai.OpenAI, handbook: str) -> None:
    listed = {model.id: model for model in sdk.models.list()}
    found = sdk.models.retrieve(handbook)

    assert {handbook, "simulator"} <= set(listed)
    assert (found.object, found.model_dump()["name"]) == ("model", "Handbook")
    assert listed[handbook] == found


def test_an_unknown_model_is_not_found(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as retrieved:
        sdk.models.retrieve("nobody")
    with pytest.raises(openai.NotFoundError) as asked:
        sdk.chat.completions.create(model="nobody", messages=said("Hi"))

    assert retrieved.value.code == asked.value.code == "model_not_found"


def test_an_assistant_answers_with_citations(sdk: openai.OpenAI, handbook: str) -> None:
    answer = sdk.chat.completions.create(model=handbook, messages=said(QUESTION))
    message = answer.choices[0].message

    assert message.content == f"{LEAVE} [1]"
    assert message.annotations is not None
    assert message.annotations[0].model_dump()["file_citation"]["quote"] == LEAVE
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_ends_with_its_usage(sdk: openai.OpenAI, handbook: str) -> None:
    chunks = list(
        sdk.chat.completions.create(
            model=handbook,
            messages=said(QUESTION),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    notes = [
        note
        for chunk in chunks
        if chunk.choices
        for note in chunk.choices[0].delta.model_dump().get("annotations") or []
    ]

    assert text_of(chunks) == f"{LEAVE} [1]"
    assert [note["file_citation"]["quote"] for note in notes] == [LEAVE]
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)


def test_a_stream_without_the_option_has_no_usage(sdk: openai.OpenAI) -> None:
    chunks = list(sdk.chat.completions.create(model="simulator", messages=said("Hi"), stream=True))

    assert text_of(chunks) == "You said: Hi"
    assert not any(chunk.usage for chunk in chunks)


def test_the_streaming_helper_adds_the_chunks_up(sdk: openai.OpenAI, handbook: str) -> None:
    with sdk.chat.completions.stream(model=handbook, messages=said(QUESTION)) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_completion()

    assert "content.delta" in events
    assert final.choices[0].message.content == f"{LEAVE} [1]"


async def test_the_asynchronous_sdk_asks_and_streams(
    async_sdk: openai.AsyncOpenAI, handbook: str
) -> None:
    whole = await async_sdk.chat.completions.create(model=handbook, messages=said(QUESTION))
    stream = await async_sdk.chat.completions.create(
        model=handbook, messages=said(QUESTION), stream=True
    )
    chunks = [chunk async for chunk in stream]
    models = [model.id async for model in async_sdk.models.list()]

    assert whole.choices[0].message.content == text_of(chunks) == f"{LEAVE} [1]"
    assert handbook in models


@pytest.mark.parametrize("model", ["simulator", "handbook"])
def test_json_is_parsed_into_a_model(sdk: openai.OpenAI, handbook: str, model: str) -> None:
    answer = sdk.chat.completions.parse(
        model=handbook if model == "handbook" else model,
        messages=said(QUESTION),
        response_format=Leave,
    )
    message = answer.choices[0].message

    assert isinstance(message.parsed, Leave)
    assert json.loads(message.content or "") == message.parsed.model_dump()
    assert "[1]" not in (message.content or "")


def test_json_is_streamed_and_parsed(sdk: openai.OpenAI, handbook: str) -> None:
    with sdk.chat.completions.stream(
        model=handbook, messages=said(QUESTION), response_format=Leave
    ) as stream:
        parsed = stream.get_final_completion().choices[0].message.parsed

    assert isinstance(parsed, Leave)
    assert parsed.answer == LEAVE


def test_any_json_object_can_be_asked_for(sdk: openai.OpenAI) -> None:
    answer = sdk.chat.completions.create(
        model="simulator", messages=said("Hi"), response_format={"type": "json_object"}
    )

    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


def test_json_from_silent_documents_is_a_refusal(sdk: openai.OpenAI) -> None:
    empty = sdk.vector_stores.create(name="Empty").id
    resources = {"file_search": {"vector_store_ids": [empty]}}
    body = {"name": "Silent", "instructions": "Answer.", "tool_resources": resources}
    made = sdk.post("/assistants", cast_to=dict[str, Any], body=body)
    sdk.post(f"/assistants/{made['id']}/publish", cast_to=dict[str, Any])
    message = (
        sdk.chat.completions.parse(
            model=made["slug"], messages=said(QUESTION), response_format=Leave
        )
        .choices[0]
        .message
    )
    with sdk.chat.completions.stream(
        model=made["slug"], messages=said(QUESTION), response_format=Leave
    ) as stream:
        streamed = stream.get_final_completion().choices[0].message

    assert (message.parsed, message.content, message.refusal) == (
        None,
        None,
        "The documents do not say.",
    )
    assert (streamed.parsed, streamed.refusal) == (None, "The documents do not say.")


def test_an_answer_stops_where_it_is_told(sdk: openai.OpenAI) -> None:
    answer = sdk.chat.completions.create(
        model="simulator", messages=said("count to six"), stop=[" four", "nothing"], seed=7
    )

    assert answer.choices[0].message.content == "one two three"
    assert answer.choices[0].finish_reason == "stop"


def test_an_answer_is_no_longer_than_allowed(sdk: openai.OpenAI) -> None:
    answer = sdk.chat.completions.create(
        model="simulator", messages=said("count to six"), max_completion_tokens=2
    )

    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (
        "one two",
        "length",
    )


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"n": 2}, "unsupported_parameter", "n"),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
            "unsupported_parameter",
            "tools",
        ),
        ({"logprobs": True}, "unsupported_parameter", "logprobs"),
        ({"presence_penalty": 1}, "unsupported_parameter", "presence_penalty"),
        ({"modalities": ["text", "audio"]}, "unsupported_parameter", "modalities"),
        ({"extra_body": {"guided_regex": "a"}}, "unknown_parameter", "guided_regex"),
        ({"temperature": 3}, "invalid_request", "temperature"),
        ({"stop": list("abcde")}, "invalid_parameter", "stop"),
        ({"response_format": {"type": "xml"}}, "invalid_parameter", "response_format"),
    ],
)
def test_what_is_not_offered_is_named(
    sdk: openai.OpenAI, asked: dict[str, Any], code: str, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        sdk.chat.completions.create(model="simulator", messages=said("Hi"), **asked)

    assert (refused.value.code, refused.value.param) == (code, param)


def test_the_raw_response_is_at_hand(sdk: openai.OpenAI) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model="simulator", messages=said("Hi"))

    assert raw.request_id is not None
    assert raw.request_id.startswith("req_")
    assert raw.headers["openai-version"] == "2020-10-01"
    assert raw.parse().choices[0].message.content == "You said: Hi"


def test_a_response_is_read_as_it_comes(sdk: openai.OpenAI) -> None:
    with sdk.chat.completions.with_streaming_response.create(
        model="simulator", messages=said("Hi"), stream=True
    ) as response:
        lines = [line for line in response.iter_lines() if line]

    assert response.headers["content-type"].startswith("text/event-stream")
    assert lines[-1] == "data: [DONE]"


def test_a_reader_who_leaves_a_stream_pays_what_was_written(
    sdk: openai.OpenAI, place: Place
) -> None:
    stream = sdk.chat.completions.create(
        model="simulator", messages=said("say nothing more"), stream=True
    )
    first = next(iter(stream))
    stream.close()
    charges = wait_until(lambda: place.charges(first.id), seconds=10, what="the ledger row")

    assert charges == [("cancelled", 2)]
