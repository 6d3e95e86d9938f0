"""Follow-up questions: which are rewritten, what is asked for, what is made of the reply."""

import pytest

from contracts.passages import SearchHit
from gateway.answering.follow_ups import (
    found_together,
    leans_on_history,
    rewriting_messages,
    rewritten_question,
)
from gateway.planning.rules import PastMessage, question_text
from tests.unit.gateway_chat.passages import LEAVE, passage


@pytest.mark.parametrize(
    "question",
    [
        "And for part-time staff?",
        "Does the rule that you named a moment ago hold for everybody who works at night, or else?",
        "什么时候作废？",
        "请详细说明一下前面提到的规定对于在周末以及节假日值班的工作人员来说它是否同样适用？",
        "?",
    ],
)
def test_a_short_question_or_one_that_points_back_leans_on_history(question: str) -> None:
    assert leans_on_history(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many days of annual leave does a full-time employee of the Berlin office get?",
        "全职员工在柏林办公室工作满五年以后每年一共可以享有多少天带薪年假？",
        "Does it hold for night shifts? " + "It is a long story, and that is all of it. " * 10,
    ],
)
def test_a_long_question_that_points_nowhere_stands_alone(question: str) -> None:
    assert not leans_on_history(question)


def test_the_end_of_the_conversation_is_told_without_its_passages() -> None:
    asked_before = question_text([(passage(LEAVE, "a"),)], "How much leave is there?")
    history = [
        PastMessage("user", "Good morning"),
        PastMessage("assistant", "Hello."),
        PastMessage("user", asked_before),
        PastMessage("assistant", "25 days. " * 100),
        PastMessage("user", "For all?"),
        PastMessage("assistant", "Yes."),
    ]
    said = rewriting_messages("And taxis?", history)[-1].content

    assert "Question: How much leave is there?\nAnswer: 25 days." in said
    assert said.endswith("Last question: And taxis?")
    assert "<passage" not in said
    assert "Good morning" not in said
    assert len(said) < 1_200


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("When does annual leave lapse?", "When does annual leave lapse?"),
        ('Question: "When does annual leave lapse?"\nIt lapses.', "When does annual leave lapse?"),
        ("\n 问题：年假何时作废？ ", "年假何时作废？"),
        ("when does it lapse?", None),  # nothing new
        ("", None),
        ("word " * 80, None),
    ],
)
def test_only_a_question_is_taken_from_the_reply(said: str, question: str | None) -> None:
    assert rewritten_question(said, "When does it lapse?") == question


def hit(name: str, score: float, similarity: float) -> SearchHit:
    return SearchHit(
        passage_id=name,
        document_id="file-a",
        document_version_id="dv_a",
        collection_id="vs_a",
        score=score,
        similarity=similarity,
    )


def test_scores_of_both_questions_are_added() -> None:
    found = found_together([[hit("a", 0.9, 0.8), hit("b", 0.5, 0.7)], [hit("b", 0.6, 0.9)]])

    assert [(each.passage_id, round(each.score, 3), each.similarity) for each in found] == [
        ("b", 1.1, 0.9),
        ("a", 0.9, 0.8),
    ]
