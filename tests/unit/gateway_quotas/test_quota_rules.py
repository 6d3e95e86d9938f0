"""How limits are told, and about how long a text is."""

import pytest

from gateway.quotas.rules import duration, estimated_tokens, header_lines, standing_of
from gateway.rate_windows import Bound, Used


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0s"),
        (0.0121, "13ms"),
        (1, "1s"),
        (1.5, "1.5s"),
        (59.9999, "1m0s"),
        (90.25, "1m30.25s"),
        (360, "6m0s"),
    ],
)
def test_a_reset_is_written_as_openai_writes_it(seconds: float, written: str) -> None:
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("four", 1), ("fourteen letters", 4), ("年假", 2), ("a年", 2)]
)
def test_tokens_are_estimated_by_script(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


def test_the_tightest_bound_is_told() -> None:
    bounds = [Bound("key", 60, 60_000), Bound("workspace", 100, 100_000)]
    used = [Used(10, 50_000, 30), Used(95, 60_000, 59.5)]

    assert header_lines(standing_of(bounds, used)) == {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": "59.5s",
        "x-ratelimit-limit-tokens": "60000",
        "x-ratelimit-remaining-tokens": "10000",
        "x-ratelimit-reset-tokens": "30s",
    }


def test_more_than_the_limit_leaves_nothing() -> None:
    standing = standing_of([Bound("key", 2, 10)], [Used(2, 25, 1)])

    assert (standing.requests.remaining, standing.tokens.remaining) == (0, 0)
