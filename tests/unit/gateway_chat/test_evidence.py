"""Which sentences a passage supports, and which it does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.citations.rules.evidence import (
    SUPPORTED,
    evidence_in,
    is_claim,
    rarity,
    spans_of,
    terms_of,
)
from tests.unit.gateway_chat.passages import LEAVE, LEAVE_ZH, TRAVEL, TRAVEL_ZH

ENGLISH, CHINESE = (LEAVE, TRAVEL), (LEAVE_ZH, TRAVEL_ZH)
SILENT = ("The documents do not say.",)


def best_score(sentence: str, passages: tuple[str, ...]) -> tuple[int | None, float]:
    weights = rarity([terms_of(text) for text in passages])
    found = [
        evidence
        for number, text in enumerate(passages)
        if (evidence := evidence_in(terms_of(sentence), number, text, weights, len(passages)))
    ]
    best = max(found, key=lambda evidence: evidence.score, default=None)
    return (None, 0.0) if best is None else (best.passage, best.score)


@pytest.mark.parametrize(
    ("sentence", "passages", "right"),
    [
        ("Full-time staff get 25 days of annual leave a year.", ENGLISH, 0),
        ("Leave not taken by 31 March is lost.", ENGLISH, 0),
        ("Taxis are repaid between 22:00 and 6:00 only.", ENGLISH, 1),
        ("A hotel of up to 140 euros per night needs no approval.", ENGLISH, 1),
        ("Travel expenses will be repaid within 30 days.", ENGLISH, 1),
        ("全职员工每年有25天年假。", CHINESE, 0),
        ("3月31日前没有休完的年假将作废。", CHINESE, 0),
        ("每晚140欧元以内的酒店不需要审批。", CHINESE, 1),
    ],
)
def test_a_sentence_of_a_passage_is_supported_by_it(
    sentence: str, passages: tuple[str, ...], right: int
) -> None:
    passage, score = best_score(sentence, passages)

    assert (passage, score >= SUPPORTED) == (right, True)


@pytest.mark.parametrize(
    ("sentence", "passages"),
    [
        ("Full-time staff get 20 days of annual leave a year.", ENGLISH),
        ("The chief executive is John Doe.", ENGLISH),
        ("Parking costs 140 euros a month in the garage.", ENGLISH),
        ("Annual leave is not 25 days a year for full-time staff.", ENGLISH),
        ("全职员工每年享有30天年假。", CHINESE),
        ("公司的首席执行官是王先生。", CHINESE),
    ],
)
def test_what_passages_do_not_say_is_not_supported(
    sentence: str, passages: tuple[str, ...]
) -> None:
    assert best_score(sentence, passages)[1] < SUPPORTED


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Leave is 25 days.", True),
        ("Paris.", True),
        ("42.", True),
        ("二十五天。", True),
        ("Yes.", False),
        ("Here is the list:", False),
        ("What do you mean?", False),
        ("The documents do not say.", False),
        ("***", False),
    ],
)
def test_only_statements_are_claims(sentence: str, expected: bool) -> None:
    assert is_claim(sentence, SILENT) is expected


def test_spelt_numbers_of_a_passage_count() -> None:
    passage, score = best_score(
        "It is reported within 4 hours.", ("It is reported within four hours.",)
    )

    assert (passage, score >= SUPPORTED) == (0, True)


@settings(deadline=None, max_examples=60)
@given(text=st.text(alphabet="ab 12.。\n年假!?,", max_size=120))
def test_every_span_lies_inside_its_passage(text: str) -> None:
    assert all(text[span.start : span.end].strip() for span in spans_of(text))
