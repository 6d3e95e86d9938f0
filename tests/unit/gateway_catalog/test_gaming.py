"""A simulated store under attack: its assumptions stand in docs/ranking.md.

Forty workspaces of fifty people use and rate three hundred listings of different worth, each as it
finds them. Then somebody cheats, and the first twenty of those who earned their places stay as they
are.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from gateway.catalog.rules.likeness import are_alike, likeness_of
from gateway.catalog.rules.ranking import NEW_EVERY, Voters, Weights, by_top, by_trend, weighed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=200)
SHOWN = 20
STUFFERS, CLONES = 200, 50
WORDS = [
    "column", "roof", "step", "market", "law", "train", "tax", "school", "garden", "river", "bread",
    "stone", "lamp", "oil", "ship", "wool", "bell", "clock", "bridge", "wheel", "letter", "cloud",
]  # fmt: skip


@dataclass(frozen=True)
class Listed:
    id: str
    owner_id: str
    listed_at: datetime = OLD
    weights: Weights = field(default_factory=Weights)
    is_similar: bool = False
    instructions: str = ""


Votes = dict[str, list[Voters]]


@pytest.fixture(params=range(5), ids=lambda seed: f"seed{seed}")
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)  # noqa: S311 - a simulation


def honest_votes(chance: random.Random) -> Votes:
    """Popular listings are used by most; stars scatter about what a listing is worth."""
    worth = {f"l{n:03}": chance.uniform(2.5, 4.8) for n in range(300)}
    fame = {name: chance.paretovariate(1.2) for name in worth}
    votes: Votes = {}
    for name, mean in worth.items():
        share = min(0.6, 0.02 * fame[name])
        groups = []
        for _workspace in range(40):
            people = sum(chance.random() < share for _ in range(50))
            raters = sum(chance.random() < 0.4 for _ in range(people))
            stars = sum(min(5, max(1, round(chance.gauss(mean, 0.9)))) for _ in range(raters))
            groups.append(Voters(True, people, raters, stars, people // 5, people * 4 // 5))
        votes[name] = groups
    return votes


def store(votes: Votes, *beside: Listed) -> list[Listed]:
    made = [
        Listed(name, f"builder of {name}", weights=weighed(groups))
        for name, groups in votes.items()
    ]
    return [*made, *beside]


def stuffed(stars: int) -> Voters:
    """Two hundred accounts of this week, in one workspace, which used nothing else."""
    return Voters(False, STUFFERS, STUFFERS, STUFFERS * stars, STUFFERS)


def earned(order: list[str], *cheats: str) -> list[str]:
    return [name for name in order if name not in cheats][:SHOWN]


def test_two_hundred_fresh_accounts_lift_nothing_into_the_first_twenty(
    chance: random.Random,
) -> None:
    votes = honest_votes(chance)
    before = by_top(store(votes), NOW)
    for lifted in (before[SHOWN + 30], before[-1]):
        after = by_top(store({**votes, lifted: [*votes[lifted], stuffed(5)]}), NOW)

        assert after[:SHOWN] == before[:SHOWN]


def test_two_hundred_fresh_accounts_pull_nothing_out_of_its_place(chance: random.Random) -> None:
    votes = honest_votes(chance)
    before = by_top(store(votes), NOW)
    moved = 0
    for place in range(SHOWN):
        victim = before[place]
        after = by_top(store({**votes, victim: [*votes[victim], stuffed(1)]}), NOW)
        moved += after[:SHOWN] != before[:SHOWN]

    assert moved == 0


def test_a_stuffed_new_listing_has_a_new_ones_place_and_no_more(chance: random.Random) -> None:
    votes = honest_votes(chance)
    before = by_top(store(votes), NOW)
    cheat = Listed("cheat", "cheater", NOW - timedelta(days=1), weighed([stuffed(5)]))
    after = by_top(store(votes, cheat), NOW)

    assert earned(after, "cheat") == before[:SHOWN]
    assert (after.index("cheat") + 1) % NEW_EVERY == 0


def test_fifty_clones_come_after_everything_they_copied(chance: random.Random) -> None:
    votes = honest_votes(chance)
    original = Listed("original", "honest", OLD, Weights(), False, sentences(chance, 40))
    honest = [*store(votes), original]
    before = by_top(honest, NOW)
    clones = [clone(chance, original.instructions, number) for number in range(CLONES)]
    prints = likeness_of(original.instructions, [])
    found = [are_alike(prints, likeness_of(each.instructions, [])) for each in clones]
    marked = [
        Listed(each.id, each.owner_id, each.listed_at, each.weights, is_similar=is_found)
        for each, is_found in zip(clones, found, strict=True)
    ]
    after = by_top([*honest, *marked], NOW)

    assert all(found)
    assert after[: len(honest)] == before
    assert by_trend([*honest, *marked])[:SHOWN] == by_trend(honest)[:SHOWN]


def test_honest_listings_of_one_trade_are_no_clones(chance: random.Random) -> None:
    prints = [likeness_of(sentences(chance, 40), []) for _ in range(60)]
    alike = Counter(are_alike(one, other) for one in prints for other in prints if one is not other)

    assert alike[True] == 0


def test_a_patient_honest_newcomer_gets_up() -> None:
    """What is good and used by people of several workspaces rises by itself."""
    chance = random.Random(7)  # noqa: S311 - a simulation
    votes = honest_votes(chance)
    groups: defaultdict[str, list[Voters]] = defaultdict(list)
    for _ in range(40):
        groups["newcomer"].append(Voters(True, 25, 12, 59, 10, 15))

    assert "newcomer" in by_top(store({**votes, **groups}), NOW)[:3]


def sentences(chance: random.Random, count: int) -> str:
    return " ".join(f"{' '.join(chance.choices(WORDS, k=7)).capitalize()}." for _ in range(count))


def clone(chance: random.Random, instructions: str, number: int) -> Listed:
    """A copy with two words changed, with votes of its own."""
    changed = instructions.split()
    for _ in range(2):
        changed[chance.randrange(len(changed))] = chance.choice(WORDS)
    votes = [Voters(True, 4, 4, 20, 4)]
    listed_at = NOW - timedelta(days=number % 10)
    text = " ".join(changed)
    return Listed(f"clone{number}", f"cheat{number % 3}", listed_at, weighed(votes), False, text)
