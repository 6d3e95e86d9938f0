"""Tokens that a model thought in are counted where its engine tells them."""

import pytest

from inference.adapters.dialects import usage_of

USAGE = {"prompt_tokens": 10, "completion_tokens": 50}


@pytest.mark.parametrize(
    ("details", "thought"),
    [
        ({"completion_tokens_details": {"reasoning_tokens": 40}}, 40),
        ({"completion_tokens_details": {"reasoning_tokens": None}}, 0),
        ({"completion_tokens_details": None}, 0),
        ({}, 0),
    ],
)
def test_an_engines_count_of_thinking_is_kept(details: dict[str, object], thought: int) -> None:
    usage = usage_of({"usage": USAGE | details})

    assert usage is not None
    assert (usage.output_tokens, usage.reasoning_tokens) == (50, thought)


@pytest.mark.parametrize("nonsense", [-1, 10**12, "many"])
def test_a_count_that_cannot_be_is_refused(nonsense: object) -> None:
    details = {"completion_tokens_details": {"reasoning_tokens": nonsense}}

    with pytest.raises((ValueError, TypeError)):
        usage_of({"usage": USAGE | details})
