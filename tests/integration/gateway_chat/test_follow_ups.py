"""A question that leans on what was said before is searched for as it was meant."""

from typing import Any

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place

FIRST = "How many days of annual leave a year for full-time staff?"


def said(person: httpx2.Client, assistant: str, *texts: str) -> dict[str, Any]:
    """The answer to the last of several messages, the odd ones an assistant's."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
    body = {"model": assistant, "messages": messages}
    answer: dict[str, Any] = person.post("/v1/chat/completions", json=body).json()
    return answer


def purposes(place: Place, answer: dict[str, Any]) -> list[str]:
    rows = place.rows(
        "SELECT purpose, member_id, assistant_id, amount_pico, output_tokens FROM ledger"
        " WHERE starts_with(request_id, :id) AND purpose IN ('chat', 'rewrite')"
        " ORDER BY purpose",
        id=answer["id"],
    )
    assert len({(row["member_id"], row["assistant_id"]) for row in rows}) <= 1
    assert all(row["output_tokens"] > 0 for row in rows)
    return [row["purpose"] for row in rows]


def test_a_follow_up_is_rewritten_by_the_assistants_model_and_charged(
    place: Place, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    answer = said(ada, assistant_of_ada, FIRST, "25 days.", "And for part-time staff?")

    assert purposes(place, answer) == ["chat", "rewrite"]
    assert answer["usage"]["total_tokens"] > 0


def test_a_first_question_is_not_rewritten(
    place: Place, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    assert purposes(place, said(ada, assistant_of_ada, FIRST)) == ["chat"]


def test_a_question_that_stands_alone_is_not_rewritten(
    place: Place, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    alone = "Up to how many euros a night does a hotel in a foreign city need no approval at all?"

    assert purposes(place, said(ada, assistant_of_ada, FIRST, "25 days.", alone)) == ["chat"]


@pytest.mark.parametrize("trouble", ["fails in rewriting", "rewriting hangs"])
def test_an_engine_that_cannot_rewrite_answers_all_the_same(
    ada: httpx2.Client, assistant_of_ada: str, trouble: str
) -> None:
    answer = said(ada, assistant_of_ada, FIRST, "25 days.", f"And {trouble} leave?")

    assert answer["choices"][0]["finish_reason"] == "stop"
