"""What holds for every plan: bounds, order, prefixes, and that nothing is lost or said twice."""

from dataclasses import dataclass, replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.context import Outcome, SegmentKind
from gateway.knowledge.rules import LoadedPassage
from gateway.planning.errors import ContextLengthExceeded
from gateway.planning.repeats import is_repeated
from gateway.planning.rules import (
    Budget,
    Material,
    Overhead,
    PastMessage,
    Plan,
    Segment,
    plan,
    texts_to_count,
)
from tests.unit.gateway_chat.passages import passage
from tests.unit.gateway_chat.test_planning import ends_of

OVERHEAD = Overhead(7, 5)
ANSWER_TOKENS = 50
ROOMY = Budget(1_000_000, ANSWER_TOKENS, 900_000, OVERHEAD)
TEXTS = st.text("ab 1.。是<>/passage\n", max_size=60)
MESSAGES = st.builds(PastMessage, st.sampled_from(["user", "assistant"]), TEXTS)


@dataclass(frozen=True)
class Meeting:
    """What may be planned, and with how much room."""

    material: Material
    budget: Budget


@st.composite
def _passages(draw: st.DrawFn) -> list[LoadedPassage]:
    """Passages of two documents, some in a row, some overlapping, some the same."""
    made: dict[str, LoadedPassage] = {}
    for _ in range(draw(st.integers(0, 14))):
        index = draw(st.integers(0, 9))
        made_now = passage(
            draw(TEXTS.filter(bool)),
            draw(st.sampled_from(["a", "b"])),
            start=index * 20,
            page=draw(st.none() | st.just(index * 9)),
            index=index,
        )
        made.setdefault(made_now.passage_id, made_now)
    return list(made.values())


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    found = draw(_passages())
    best = draw(st.integers(0, len(found)))
    material = Material(
        system=draw(TEXTS),
        history=tuple(draw(st.lists(MESSAGES, max_size=8))),
        passages=tuple(found[:best]),
        question=draw(TEXTS.filter(bool)),
        beside=tuple(found[best:]) if best else (),
    )
    window, room = draw(st.integers(100, 3_000)), draw(st.integers(1, 1_500))
    return Meeting(material, Budget(window, ANSWER_TOKENS, room, OVERHEAD))


def planned(material: Material, budget: Budget = ROOMY) -> Plan:
    """Every letter is a token, so that counts add up exactly."""
    counts = {text: len(text) for text in texts_to_count(material, ends_of)}
    return plan(material, counts, budget, ends_of)


def fitting(meeting: Meeting) -> Plan:
    try:
        return planned(meeting.material, meeting.budget)
    except ContextLengthExceeded:
        assume(False)
        raise


def of_kind(made: Plan, kind: SegmentKind) -> list[Segment]:
    return [each for each in made.segments if each.kind is kind]


@settings(deadline=None, max_examples=80)
@given(meetings())
def test_prompt_and_answer_never_leave_the_window(meeting: Meeting) -> None:
    made = fitting(meeting)
    sent = OVERHEAD.fixed + sum(
        len(message.content) + OVERHEAD.per_message for message in made.messages
    )

    assert sent <= made.prompt_tokens <= meeting.budget.window_tokens - ANSWER_TOKENS
    assert all(each.tokens >= 0 for each in made.segments)


@settings(deadline=None, max_examples=50)
@given(meetings())
def test_everything_offered_is_accounted_for_once_with_a_reason(meeting: Meeting) -> None:
    made = fitting(meeting)
    passages = of_kind(made, SegmentKind.PASSAGE)
    offered = [each.passage_id for each in meeting.material.offered]
    sent = [each.passage_id for each in passages if each.outcome is not Outcome.DROPPED]

    assert sorted(each.passage_id or "" for each in passages) == sorted(offered)
    assert [each.message for each in of_kind(made, SegmentKind.HISTORY)] == list(
        meeting.material.history
    )
    assert sent == [each.passage_id for each in made.passages]
    assert all(each.reason and each.outcome for each in made.segments)
    assert {each.tokens for each in made.segments if each.outcome is Outcome.DROPPED} <= {0}


@settings(deadline=None, max_examples=50)
@given(meetings())
def test_nothing_is_sent_twice(meeting: Meeting) -> None:
    made = fitting(meeting)
    sent = {each.passage_id: each for each in made.passages}
    by_rank = [
        (each, sent[each.passage_id])
        for each in meeting.material.offered
        if each.passage_id in sent
    ]

    for rank, (passage_, _) in enumerate(by_rank):
        assert not is_repeated(passage_, [better for _, better in by_rank[:rank]])


@settings(deadline=None, max_examples=30)
@given(meetings(), st.data())
def test_rank_does_not_move_what_is_sent(meeting: Meeting, data: st.DataObject) -> None:
    # A word of its own each: of two that say the same, the better one is sent.
    texts = [
        f"Rule{chr(97 + n) * 3} {each.text}" for n, each in enumerate(meeting.material.offered)
    ]
    distinct = [
        replace(each, text=text, end=each.start + len(text))
        for each, text in zip(meeting.material.offered, texts, strict=True)
    ]
    material = replace(meeting.material, passages=tuple(distinct), beside=())
    shuffled = replace(material, passages=tuple(data.draw(st.permutations(distinct))))

    assert planned(shuffled).messages == planned(material).messages
    assert planned(material) == planned(material)


@settings(deadline=None, max_examples=30)
@given(meetings(), meetings())
def test_what_comes_before_the_question_is_the_same_for_everyone(
    ada: Meeting, bob: Meeting
) -> None:
    system, history = ada.material.system, ada.material.history
    one = planned(ada.material)
    other = planned(replace(bob.material, system=system, history=history))

    assert one.messages[:-1] == other.messages[:-1]


@settings(deadline=None, max_examples=30)
@given(meetings(), st.lists(st.tuples(TEXTS, _passages()), min_size=1, max_size=4))
def test_a_turn_repeats_the_turn_before_it_word_for_word(
    begun: Meeting, turns: list[tuple[str, list[LoadedPassage]]]
) -> None:
    before = planned(begun.material)
    for answer, found in turns:
        history = [
            PastMessage(message.role, message.content)
            for message in before.messages
            if message.role != "system"
        ]
        material = replace(
            begun.material,
            history=(*history, PastMessage("assistant", answer)),
            passages=tuple(found),
            beside=(),
        )
        after = planned(material)

        assert after.messages[: len(before.messages)] == before.messages
        before = after


@settings(deadline=None, max_examples=30)
@given(meetings())
def test_quotes_can_be_taken_from_every_passage_that_is_sent(meeting: Meeting) -> None:
    made = fitting(meeting)
    offered = {each.passage_id: each for each in meeting.material.offered}

    for each in made.passages:
        assert offered[each.passage_id].text.startswith(each.text)
        assert each.start == offered[each.passage_id].start
        assert each.end == each.start + len(each.text)


def test_the_digits_of_a_passage_number_are_counted() -> None:
    many = tuple(passage(f"Rule {each} of many.", f"d{each}", page=None) for each in range(12))
    made = planned(Material("", (), many, "Which?"))
    (asked,) = made.messages

    assert len(made.passages) == 12
    assert len(asked.content) + OVERHEAD.per_message + OVERHEAD.fixed <= made.prompt_tokens
