"""Rules of answering: relevance, limits, words for silence."""

import pytest

from contracts.definitions import AnswerLanguage, ReadingAmount, Strictness
from contracts.generation import ModelPrice, ServedModel
from contracts.passages import SearchHit
from gateway.answering.errors import QuestionTooLong
from gateway.answering.relevance import not_found_words_for, worth_reading
from gateway.answering.rules import (
    Wishes,
    answer_tokens,
    check_length,
    passage_tokens,
    recent,
    reranked,
)
from gateway.planning.rules import PastMessage
from gateway.settings import ReplyLimits
from tests.unit.gateway_chat.passages import LEAVE, LEAVE_ZH, TRAVEL, passage

E5 = "multilingual-e5-small"
LIMITS = ReplyLimits()
RIGHT, OTHER, CHINESE = passage(LEAVE, "a"), passage(TRAVEL, "b"), passage(LEAVE_ZH, "c")


def model(window_tokens: int = 4_096, *, is_small: bool = False) -> ServedModel:
    price = ModelPrice(
        currency="USD",
        input_per_million="1",
        cached_input_per_million="1",
        output_per_million="1",
        as_of="2026-11-22",
    )
    return ServedModel(
        id="m", engine="e", window_tokens=window_tokens, is_small=is_small, price=price
    )


def hit(similarity: float, score: float | None = None) -> SearchHit:
    return SearchHit(
        passage_id="p",
        document_id="d",
        document_version_id="v",
        collection_id="c",
        score=max(0, similarity) if score is None else score,
        similarity=similarity,
    )


def test_a_passage_far_below_the_best_is_not_read() -> None:
    found = [(RIGHT, hit(0.91, 1)), (OTHER, hit(0.80, 0.3))]

    assert worth_reading("How many days?", found, E5) == [RIGHT]


def test_a_passage_that_has_the_words_is_read_though_its_meaning_is_further_off() -> None:
    found = [(OTHER, hit(0.91, 1)), (RIGHT, hit(0.80, 0.7))]

    assert worth_reading("How many days?", found, E5) == [OTHER, RIGHT]


def test_words_alone_make_nothing_worth_reading() -> None:
    assert worth_reading("Who is the pope?", [(RIGHT, hit(0.745, 1))], E5) == []


def test_nothing_is_read_when_nothing_comes_near() -> None:
    assert worth_reading("Who is the pope?", [(RIGHT, hit(0.745)), (OTHER, hit(0.74))], E5) == []


def test_a_passage_of_another_language_is_judged_by_its_own_measure() -> None:
    found = [(CHINESE, hit(0.86)), (RIGHT, hit(0.78))]

    assert worth_reading("全职员工有多少天年假？", found, E5) == [CHINESE, RIGHT]


def test_a_model_nobody_measured_gets_no_cut() -> None:
    found = [(RIGHT, hit(0.4)), (OTHER, hit(0.1))]

    assert worth_reading("How many days?", found, "hashing") == [RIGHT, OTHER]


def test_a_wish_only_lowers_the_limit_of_an_answer() -> None:
    asked = [answer_tokens(model(), LIMITS, Wishes(max_tokens=n)) for n in (None, 10, 9_999)]

    assert asked == [768, 10, 768]


def test_small_models_get_small_budgets() -> None:
    assert passage_tokens(model(is_small=True), LIMITS) == 700
    assert answer_tokens(model(is_small=True), LIMITS, Wishes()) == 512


def test_a_long_text_is_refused_with_its_length() -> None:
    with pytest.raises(QuestionTooLong, match="100000"):
        check_length("x" * 100_000, LIMITS, "text")


def test_only_the_newest_history_is_counted() -> None:
    history = [PastMessage("user", f"{number}" * 4_000) for number in range(9)]

    assert recent(history, model(window_tokens=512)) == tuple(history[-2:])


@pytest.mark.parametrize(
    ("question", "configured", "words"),
    [
        ("Who is it?", "", "The documents do not say."),
        ("这是谁？", "", "文档中没有提到。"),
        ("Qdrant 是什么？", "", "文档中没有提到。"),
        ("这是谁？", "Ask HR.", "Ask HR."),
    ],
)
def test_silence_is_said_in_the_language_of_the_question(
    question: str, configured: str, words: str
) -> None:
    assert not_found_words_for(question, configured) == words


def test_a_rerankers_scores_order_what_it_read_and_leave_the_rest_behind_it() -> None:
    worth = [passage(LEAVE, name) for name in "abcd"]

    assert [each.document_id for each in reranked(worth, [0.1, 0.9, 0.1])] == [
        "file-b",
        "file-a",
        "file-c",
        "file-d",
    ]


def test_a_strict_assistant_reads_less_and_a_loose_one_more() -> None:
    found = [(RIGHT, hit(0.9, 1)), (OTHER, hit(0.85, 0.1))]
    asked = "How many days?"

    assert worth_reading(asked, found, E5, Strictness.STRICT) == [RIGHT]
    assert worth_reading(asked, found, E5, Strictness.NORMAL) == [RIGHT, OTHER]
    assert worth_reading(asked, [(RIGHT, hit(0.75))], E5, Strictness.NORMAL) == []
    assert worth_reading(asked, [(RIGHT, hit(0.75))], E5, Strictness.LOOSE) == [RIGHT]


def test_how_much_is_read_follows_the_assistant_within_the_window() -> None:
    wide, narrow = model(100_000), model(8_192)

    assert passage_tokens(wide, LIMITS, ReadingAmount.SHORT) == 1_200
    assert passage_tokens(wide, LIMITS, ReadingAmount.LONG) == 4_800
    assert passage_tokens(narrow, LIMITS, ReadingAmount.LONG) == 8_192 // 3


def test_words_for_silence_are_in_the_language_of_the_answers() -> None:
    asked = "How many days?"

    assert not_found_words_for(asked, "", AnswerLanguage.CHINESE) == "文档中没有提到。"
    assert not_found_words_for("几天？", "", AnswerLanguage.ENGLISH) == "The documents do not say."
