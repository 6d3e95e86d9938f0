"""Titles, branches and endings of conversations."""

from contracts.conversations import StepTaken
from gateway.conversations.rules import Ending, PastLine, history_before, status_after, title_of
from gateway.conversations.step_times import StepTimes
from gateway.planning.rules import PastMessage

LINES = {
    line.id: line
    for line in (
        PastLine("q1", None, "user", "One?", "<passages/>One?"),
        PastLine("a1", "q1", "assistant", "Yes. [1]", "Yes."),
        PastLine("q2", "a1", "user", "Two?", None),
        PastLine("a2", "q2", "assistant", "", None),
        PastLine("q3", "a2", "user", "Three?", None),
        PastLine("q2b", "a1", "user", "Other?", None),
    )
}


def test_history_is_what_the_engine_got_without_unanswered_questions() -> None:
    assert history_before("a2", LINES) == [
        PastMessage("user", "<passages/>One?"),
        PastMessage("assistant", "Yes."),
    ]


def test_a_first_question_has_no_history() -> None:
    assert history_before(None, LINES) == []


def test_a_title_is_one_line_cut_at_a_word() -> None:
    title = title_of("How many days of annual leave\ndo the full-time staff get in the first year?")

    assert title == "How many days of annual leave do the full-time staff get…"
    assert title_of("年" * 100) == "年" * 59 + "…"


def test_an_interrupted_turn_has_failed_and_a_stopped_one_has_not() -> None:
    assert [status_after(each).value for each in (None, Ending.NO_READER, Ending.INTERRUPTED)] == [
        "complete",
        "stopped",
        "failed",
    ]


def test_a_step_lasts_until_the_next_one_begins() -> None:
    moments = iter([9.0, 10.0, 10.25, 12.0])
    times = StepTimes(lambda: next(moments))
    times.begin("reading_file", {})
    times.begin("reading_file", {})
    times.begin("searching", {"documents": 3})
    times.begin("writing", {})

    assert times.taken() == [
        StepTaken(step="reading_file", ms=1_000),
        StepTaken(step="searching", detail={"documents": 3}, ms=250),
        StepTaken(step="writing", ms=1_750),
    ]
