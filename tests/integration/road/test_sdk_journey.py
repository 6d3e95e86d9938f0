"""The road by API: the official SDK and the real model, from a file to a cited answer."""

import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion

from tests.integration.road.conftest import Builder

# A whole Stoa on real models is started before the first test.
pytestmark = pytest.mark.timeout(900)

HANDBOOK = """# Staff handbook

## Leave

Every member of staff has 27 days of paid leave a year. Leave that is not taken by 31 March expires.

## Working hours

The office is open from 7:30 to 19:00. Core hours, when all are there, are 10:00 to 15:00.

## Travel

Train journeys are booked in second class. A hotel may cost at most 120 euros a night.
"""

MANUAL = """# 员工手册

## 休假

休假须提前两周向部门主管申请。

## 出差

出差乘坐火车时购买二等座。报销单须在回来后30天内提交。

## 设备

笔记本电脑由信息部统一采购,使用四年后可以更换。
"""


@pytest.fixture(scope="module")
def handbook(olivia: Builder) -> str:
    """A published assistant that knows both handbooks; its slug."""
    sdk = olivia.sdk
    store = sdk.vector_stores.create(name="Handbooks")
    for name, text in (("handbook.md", HANDBOOK), ("员工手册.md", MANUAL)):
        file = sdk.files.create(file=(name, text.encode()), purpose="assistants")
        document = sdk.vector_stores.files.create_and_poll(
            vector_store_id=store.id, file_id=file.id, poll_interval_ms=200
        )
        assert document.status == "completed", document.last_error
    made = sdk.post(
        "/assistants",
        cast_to=dict[str, object],
        body={
            "name": "Handbook",
            "instructions": "You answer questions about the staff handbook.",
            "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
        },
    )
    sdk.post(f"/assistants/{made['id']}/publish", cast_to=dict[str, object])
    return str(made["slug"])


def _ask(sdk: OpenAI, model: str, question: str) -> ChatCompletion:
    return sdk.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], seed=7
    )


def test_the_assistant_is_listed_as_a_model(olivia: Builder, handbook: str) -> None:
    assert handbook in {model.id for model in olivia.sdk.models.list()}


@pytest.mark.parametrize(
    ("question", "fact", "source"),
    [
        ("How many days of paid leave does every member of staff have?", "27", "handbook.md"),
        ("笔记本电脑使用几年后可以更换?", "四年", "员工手册.md"),
    ],
)
def test_an_answer_cites_the_passage_it_rests_on(
    olivia: Builder, handbook: str, question: str, fact: str, source: str
) -> None:
    answer = _ask(olivia.sdk, handbook, question)

    message = answer.choices[0].message
    citations = [note.model_dump() for note in message.annotations or []]
    assert fact in str(message.content)
    assert "[1]" in str(message.content)
    assert source in {citation["file_citation"]["filename"] for citation in citations}
    assert any(fact in citation["file_citation"]["quote"] for citation in citations)
    texts = {"handbook.md": HANDBOOK, "员工手册.md": MANUAL}
    for citation in citations:
        marker = str(message.content)[citation["start_index"] : citation["end_index"]]
        assert marker.strip() == f"[{citation['index']}]"
        quoted = citation["file_citation"]
        assert quoted["quote"] in texts[quoted["filename"]]


def test_what_the_documents_do_not_say_is_not_cited(olivia: Builder, handbook: str) -> None:
    answer = _ask(olivia.sdk, handbook, "What is the boiling point of mercury?")

    assert not answer.choices[0].message.annotations
    assert "[1]" not in str(answer.choices[0].message.content)


def test_a_stream_says_the_same_kinds_of_things(olivia: Builder, handbook: str) -> None:
    stream = olivia.sdk.chat.completions.create(
        model=handbook,
        messages=[{"role": "user", "content": "How much may a hotel cost a night?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    notes = [
        note
        for chunk in chunks
        if chunk.choices
        for note in (chunk.choices[0].delta.model_dump().get("annotations") or [])
    ]
    assert "120" in text
    assert notes
    for note in notes:
        assert text[note["start_index"] : note["end_index"]].strip() == f"[{note['index']}]"
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.completion_tokens > 0


def test_usage_is_the_engines_count_and_equals_the_ledger(olivia: Builder, handbook: str) -> None:
    answer = _ask(olivia.sdk, handbook, "When are the core hours?")

    newest = olivia.http.get(
        "/v1/admin/ledger", params={"limit": 1, "order": "desc", "purpose": "chat"}
    ).json()
    row = newest["data"][0]
    assert answer.usage is not None
    assert row["input_tokens"] == answer.usage.prompt_tokens
    assert row["output_tokens"] == answer.usage.completion_tokens
    assert row["estimated"] is False
    assert float(row["cost"]) > 0
    assert row["model"] == "qwen2.5-coder-0.5b-instruct"
    assert row["key_id"] is not None


def test_usage_sums_the_ledger(olivia: Builder, handbook: str) -> None:
    _ask(olivia.sdk, handbook, "When is the office open?")

    rows = olivia.http.get("/v1/admin/ledger", params={"limit": 100}).json()["data"]
    sums = olivia.http.get("/v1/usage", params={"group_by": "model"}).json()["data"]
    assert sum(row["requests"] for row in sums) == len(rows)
    assert sum(row["output_tokens"] for row in sums) == sum(row["output_tokens"] for row in rows)
