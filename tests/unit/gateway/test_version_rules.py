"""The differences of two texts: whatever they are, both can be read from them."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.assistants import AssistantFields
from contracts.versions import TextHunk
from gateway.versions.rules import setting_changes, text_hunks

LINES = st.lists(st.sampled_from(["", "a", "b", "柱廊", "c d", "\f"]), max_size=12)


def side(hunks: list[TextHunk], *kinds: str) -> list[str]:
    return [line for hunk in hunks if hunk.kind in kinds for line in hunk.text.split("\n")]


@given(LINES, LINES)
def test_each_side_can_be_read_from_the_hunks(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(old), "\n".join(new)
    hunks = text_hunks(before, after)

    assert side(hunks, "same", "removed") == (before.split("\n") if before else [])
    assert side(hunks, "same", "added") == (after.split("\n") if after else [])


@given(LINES)
def test_a_text_and_itself_are_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert {hunk.kind for hunk in text_hunks(text, text)} <= {"same"}


def test_one_changed_line_between_others_is_all_that_differs() -> None:
    told = text_hunks("one\ntwo\nthree\nfour", "one\n2\nthree\n4\nfour")

    assert [(hunk.kind, hunk.text) for hunk in told] == [
        ("same", "one"),
        ("removed", "two"),
        ("added", "2"),
        ("same", "three"),
        ("added", "4"),
        ("same", "four"),
    ]


def test_texts_of_too_many_different_lines_differ_as_a_whole() -> None:
    old = "\n".join(f"a{number % 7}" for number in range(9_000))
    new = "\n".join(f"b{number % 7}" for number in range(9_000))
    told = text_hunks(f"head\n{old}\nfoot", f"head\n{new}\nfoot")

    assert [hunk.kind for hunk in told] == ["same", "removed", "added", "same"]


def test_fields_are_compared_as_they_stand_whatever_their_names() -> None:
    old = AssistantFields(name="Atlas", slug="atlas", instructions="a")
    new = AssistantFields(name="Zeus", slug="zeus", instructions="b", metadata={"team": "x"})

    assert [change.name for change in setting_changes(old, new)] == ["name", "metadata"]
