"""What a vote weighs, and in which order listings come."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from gateway.catalog.rules.listed import after_cursor, cursor_at, handle_of, mean_of
from gateway.catalog.rules.ranking import (
    NEW_EVERY,
    Voters,
    Weights,
    by_age,
    by_top,
    by_trend,
    mean_stars,
    top_score,
    weighed,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=200)


@dataclass(frozen=True)
class Each:
    id: str
    owner_id: str = ""
    listed_at: datetime = OLD
    weights: Weights = field(default_factory=Weights)
    is_similar: bool = False


def rated(votes: float, mean: float, people: float = 0) -> Weights:
    return Weights(people=people or votes, votes=votes, stars=votes * mean)


def test_a_full_vote_is_one_and_all_light_ones_of_a_workspace_are_less() -> None:
    full = weighed([Voters(is_full=True, people=3, votes=2, stars=9)])
    light = weighed([Voters(is_full=False, people=10_000, votes=10_000, stars=50_000)])
    spread = weighed([Voters(is_full=False, people=1, votes=1, stars=5)] * 42)
    beside = weighed([Voters(True, 10, 10, 40), Voters(False, 500, 500, 500)])

    assert (full.people, full.votes, full.stars) == (3, 2, 9)
    assert (light.votes < 1, light.people < 1) == (True, True)
    assert light.stars / light.votes == pytest.approx(5)
    assert spread.votes == pytest.approx(2)
    assert beside == Weights(people=10, votes=10, stars=40)


def test_one_enthusiast_does_not_beat_a_hundred_content_people() -> None:
    catalogue = [rated(1, 5), rated(100, 4.6)]
    mean = mean_stars(catalogue)

    assert top_score(catalogue[0], mean) < top_score(catalogue[1], mean)


def test_of_two_that_are_liked_alike_the_one_more_people_use_is_first() -> None:
    few, many = Each("f", weights=rated(50, 4, 60)), Each("m", weights=rated(50, 4, 900))

    assert by_top([few, many], NOW) == ["m", "f"]


def test_each_fifth_place_is_for_a_new_one_whatever_its_votes() -> None:
    old = [Each(f"o{n:02}", f"a{n}", weights=rated(200 - n, 4)) for n in range(20)]
    new = [Each(f"n{n}", f"b{n}", listed_at=NOW - timedelta(days=n)) for n in range(3)]
    order = by_top([*old, *new], NOW)
    at = [order.index(each.id) + 1 for each in new]

    assert sorted(at) == [NEW_EVERY, 2 * NEW_EVERY, 3 * NEW_EVERY]
    assert [each for each in order if each.startswith("o")] == [each.id for each in old]
    assert len(order) == len(set(order)) == 23


def test_a_builder_of_many_new_ones_has_one_place_and_no_better_chance() -> None:
    old = [Each(f"o{n:02}", f"a{n}", weights=rated(200 - n, 4)) for n in range(30)]
    flood = [Each(f"f{n:03}", "flooder", listed_at=NOW) for n in range(100)]
    single = Each("s", "single", listed_at=NOW)
    firsts = []
    for day in range(60):
        moment = NOW + timedelta(hours=day)
        order = by_top([*old, *flood, single], moment)[:25]
        assert sum(each.startswith("f") for each in order) == 1
        firsts.append(order[NEW_EVERY - 1])

    assert by_top([*old, *flood, single], NOW) == by_top([single, *flood, *old], NOW)
    assert set(firsts) <= {"s", *(each.id for each in flood)}


def test_what_grows_is_above_what_is_merely_large() -> None:
    large = Each("large", weights=Weights(recent=250, former=1_000))
    growing = Each("growing", weights=Weights(recent=30, former=12))
    asleep = Each("asleep", weights=Weights(recent=0, former=400))

    assert by_trend([asleep, large, growing]) == ["growing", "large", "asleep"]


def test_the_latest_is_first_and_repetitions_are_last() -> None:
    listings = [
        Each("a", listed_at=NOW - timedelta(days=2)),
        Each("b", listed_at=NOW, is_similar=True),
        Each("c", listed_at=NOW - timedelta(days=1)),
        Each("d", listed_at=NOW - timedelta(days=1)),
    ]

    assert by_age(listings) == ["d", "c", "a", "b"]


@pytest.mark.parametrize(
    ("cursor", "begin"),
    [(None, 0), ("1.b", 2), ("0.c", 3), ("1.gone", 1), ("x.b", 2), ("", 0), ("99999999.z", 0)],
)
def test_a_cursor_is_a_place_and_what_stood_there(cursor: str | None, begin: int) -> None:
    assert after_cursor(["a", "b", "c"], cursor) == begin


def test_a_page_begins_after_the_last_one() -> None:
    order = ["a", "b", "c"]

    assert after_cursor(order, cursor_at(order, 1)) == 2


def test_a_handle_is_always_the_same_and_tells_no_id() -> None:
    handle = handle_of("mem_01m83d4490na9apdacnnqtfgdy")

    assert handle == handle_of("mem_01m83d4490na9apdacnnqtfgdy") != handle_of("mem_other")
    assert handle.startswith("bld_")
    assert "01m83" not in handle


@pytest.mark.parametrize(
    ("stars", "mean"), [((0, 0, 0, 0, 0), None), ((1, 0, 0, 0, 2), 3.67), ((0, 0, 0, 0, 9), 5.0)]
)
def test_the_mean_is_of_what_was_given(stars: tuple[int, ...], mean: float | None) -> None:
    assert mean_of(stars) == mean
