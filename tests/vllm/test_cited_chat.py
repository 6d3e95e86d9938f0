"""From a file to a cited answer through all five processes, with a real vLLM behind them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from openai import OpenAI

from laptop.places import FIRST_PORTS
from laptop.process_table import mark_of, members
from tests.support.stack import Stack, claim, running_stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.timeout(900)

READY_SECONDS = 600
QUESTION = "How many days of paid leave does every member of staff have?"
HANDBOOK = """# Staff handbook

## Leave

Every member of staff has 27 days of paid leave a year. Leave that is not taken by 31 March expires.

## Travel

Train journeys are booked in second class. A hotel may cost at most 120 euros a night.
"""


@dataclass(frozen=True)
class Builder:
    """The operator, with a session and the official SDK."""

    http: httpx2.Client
    sdk: OpenAI


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack({"STOA_ENGINE": "vllm"}, ready_seconds=READY_SECONDS) as stack:
        yield stack
    assert members(mark_of(stack.home)) == []  # vLLM forks; none of it may stay


@pytest.fixture(scope="module")
def olivia(stack: Stack) -> Iterator[Builder]:
    headers = {"authorization": f"Bearer {claim(stack)}"}
    with httpx2.Client(base_url=stack.gateway, headers=headers, timeout=300) as http:
        key = http.post("/v1/keys", json={"name": "tests"}).json()["key"]
        with OpenAI(base_url=f"{stack.gateway}/v1", api_key=key, timeout=300) as sdk:
            yield Builder(http=http, sdk=sdk)


@pytest.fixture(scope="module")
def handbook(olivia: Builder) -> str:
    """A published assistant that knows the handbook; its slug."""
    store = olivia.sdk.vector_stores.create(name="Handbook")
    file = olivia.sdk.files.create(file=("handbook.md", HANDBOOK.encode()), purpose="assistants")
    document = olivia.sdk.vector_stores.files.create_and_poll(
        vector_store_id=store.id, file_id=file.id, poll_interval_ms=200
    )
    assert document.status == "completed", document.last_error
    made: dict[str, Any] = olivia.http.post(
        "/v1/assistants",
        json={
            "name": "Handbook",
            "instructions": "You answer questions about the staff handbook.",
            "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
        },
    ).json()
    olivia.http.post(f"/v1/assistants/{made['id']}/publish")
    return str(made["slug"])


def _counted(stack: Stack) -> tuple[float, float]:
    """vLLM's own totals of prompt and generated tokens."""
    offset = int(urlsplit(stack.gateway).port or 0) - FIRST_PORTS["gateway"]
    address = f"http://127.0.0.1:{FIRST_PORTS['vllm'] + offset}/metrics"
    text = httpx2.get(address, timeout=30).text

    def total(name: str) -> float:
        found = re.findall(rf"^vllm:{name}_total{{.*}} (\S+)$", text, re.MULTILINE)
        return sum(map(float, found))

    return total("prompt_tokens"), total("generation_tokens")


def test_the_answer_is_cited_and_its_tokens_are_those_vllm_counted(
    stack: Stack, olivia: Builder, handbook: str
) -> None:
    before = _counted(stack)
    answer = olivia.sdk.chat.completions.create(
        model=handbook, messages=[{"role": "user", "content": QUESTION}], seed=7
    )
    usage = answer.usage
    assert usage is not None
    expected = (before[0] + usage.prompt_tokens, before[1] + usage.completion_tokens)
    wait_until(lambda: _counted(stack) == expected, seconds=10, what="vLLM's counters to agree")
    row = olivia.http.get(
        "/v1/admin/ledger", params={"limit": 1, "order": "desc", "purpose": "chat"}
    ).json()
    message = answer.choices[0].message
    citations = [note.model_dump()["file_citation"] for note in message.annotations or []]

    assert "27" in str(message.content)
    assert "[1]" in str(message.content)
    assert any("27 days" in citation["quote"] for citation in citations)
    assert all(citation["quote"] in HANDBOOK for citation in citations)
    assert row["data"][0]["input_tokens"] == usage.prompt_tokens
    assert row["data"][0]["output_tokens"] == usage.completion_tokens
    assert row["data"][0]["estimated"] is False


def test_the_same_question_again_is_charged_as_cached(olivia: Builder, handbook: str) -> None:
    usages = [
        olivia.sdk.chat.completions.create(
            model=handbook, messages=[{"role": "user", "content": QUESTION}], max_tokens=4
        ).usage
        for _ in range(2)
    ]

    usage = usages[-1]
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    assert (usage.prompt_tokens_details.cached_tokens or 0) > 0
