"""Ids sort by time; points of passages are deterministic."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.ids import new_id, point_id


def test_ids_carry_their_prefix_and_never_repeat() -> None:
    made = [new_id("ast_") for _ in range(2_000)]

    assert all(one.startswith("ast_") and len(one) == 30 for one in made)
    assert len(set(made)) == len(made)


def test_ids_of_later_milliseconds_sort_later() -> None:
    first = new_id("msg_")
    while (later := new_id("msg_"))[:14] == first[:14]:
        pass

    assert later > first


@given(st.text(min_size=1, max_size=40), st.integers(0, 10_000))
def test_a_passage_has_one_point_however_often_it_is_written(version: str, index: int) -> None:
    assert point_id(version, index) == point_id(version, index)
    assert point_id(version, index) != point_id(version, index + 1)
