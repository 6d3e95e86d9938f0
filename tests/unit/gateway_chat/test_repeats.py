"""Passages that say the same as a better one are not sent twice."""

import pytest

from gateway.planning.repeats import is_repeated
from tests.unit.gateway_chat.passages import LEAVE, LEAVE_ZH, TRAVEL, passage


@pytest.mark.parametrize(
    ("text", "better", "is_it"),
    [
        (LEAVE, LEAVE, True),
        (f"{LEAVE} (copy)", LEAVE, True),
        (LEAVE.upper(), LEAVE, True),
        (LEAVE_ZH, LEAVE_ZH + "。", True),
        (LEAVE.replace("25", "30"), LEAVE, False),
        (LEAVE.replace("is lost", "is not lost"), LEAVE, False),
        (LEAVE, TRAVEL, False),
        (LEAVE, LEAVE_ZH, False),
        ("***", "---", False),
    ],
)
def test_only_what_says_the_same_is_a_repeat(text: str, better: str, is_it: bool) -> None:
    assert is_repeated(passage(text, "a"), [passage(TRAVEL, "x"), passage(better, "b")]) is is_it
