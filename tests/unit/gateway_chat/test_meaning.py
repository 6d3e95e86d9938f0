"""What nearness in meaning proves of a sentence whose words were not enough."""

import pytest

from gateway.citations.rules.evidence import Evidence, spans_of
from gateway.citations.rules.meaning import (
    FLAGS_NOTHING,
    UNSUPPORTED,
    Judgement,
    Likeness,
    by_meaning,
)
from tests.unit.gateway_chat.passages import LEAVE

FLOOR = UNSUPPORTED["multilingual-e5-small"]
SPAN = spans_of(LEAVE)[0]


def likeness(cosine: float, *, is_translated: bool = False, passage: int = 0) -> Likeness:
    return Likeness(Evidence(passage, SPAN, 0), cosine, is_translated)


def worded(score: float) -> list[Evidence]:
    return [Evidence(0, SPAN, score)]


@pytest.mark.parametrize(
    ("words", "near", "is_supported", "is_unsupported"),
    [
        (0.3, likeness(0.88), True, False),
        (0.2, likeness(0.88), False, False),  # too few words in common to cite it
        (0.1, likeness(0.88), False, True),
        (0.3, likeness(0.80), False, True),
        (0.0, likeness(0.84, is_translated=True), True, False),
        (0.0, likeness(0.81, is_translated=True), False, False),
        (0.0, likeness(0.79, is_translated=True), False, True),
    ],
)
def test_a_sentence_is_supported_unsupported_or_neither(
    words: float, near: Likeness, is_supported: bool, is_unsupported: bool
) -> None:
    judgement = by_meaning([near], worded(words), FLOOR)

    assert (bool(judgement.evidence), judgement.is_unsupported) == (is_supported, is_unsupported)


def test_the_nearest_span_is_cited() -> None:
    near = [likeness(0.87), likeness(0.93), likeness(0.9)]

    assert by_meaning(near, worded(0.5), FLOOR) == Judgement((near[1].evidence,))


def test_one_span_in_another_language_is_enough_to_leave_a_sentence_alone() -> None:
    near = [likeness(0.7), likeness(0.81, is_translated=True)]

    assert by_meaning(near, worded(0), FLOOR) == Judgement()


def test_an_embedding_model_that_nobody_measured_flags_nothing() -> None:
    assert by_meaning([likeness(-0.2)], worded(0), FLAGS_NOTHING) == Judgement()
