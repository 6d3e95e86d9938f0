"""Whether two listings are the same thing twice: by their instructions and by their files. Pure.

Instructions are compared by runs of three words (shingles), of which a sketch of 64 numbers is kept
(MinHash): the share of equal numbers is about the share of common runs. Nothing of the words can be
read out of it. Source: Broder, On the resemblance and containment of documents (1997).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from lexical.analyser import words

RUN_WORDS = 3
SKETCH_NUMBERS = 64
ROWS = 2
"""Numbers in a band. Of two texts that share half of their runs, one in ten thousand pairs has no
band in common."""
LIKE = 0.5
"""A word that is changed breaks three runs: half of them is one changed word in six."""
FEW_RUNS = 12
"""Texts with fewer runs are alike by chance: they need common files to be called copies."""
MOST_RUNS = 4_000
MOST_FILES = 64
COMMON_FILES = 0.5

_PRIME = (1 << 61) - 1


@dataclass(frozen=True)
class Likeness:
    """What tells copies apart. sketch: numbers below 2⁶¹. files: the first of their hashes."""

    sketch: tuple[int, ...]
    is_short: bool
    files: frozenset[str]

    @property
    def bands(self) -> list[int]:
        """Texts that are alike have one in common."""
        return [
            _number(repr((at, self.sketch[at : at + ROWS])))
            for at in range(0, SKETCH_NUMBERS, ROWS)
        ]


def likeness_of(instructions: str, file_hashes: Iterable[str]) -> Likeness:
    """The likeness of an assistant with these instructions that reads these files."""
    runs = {_number(run) for run in islice(_runs(words(instructions)), MOST_RUNS)}
    numbers = runs or {0}
    sketch = tuple(
        min((factor * number + offset) % _PRIME for number in numbers)
        for factor, offset in _PERMUTATIONS
    )
    files = frozenset(sorted(set(file_hashes))[:MOST_FILES])
    return Likeness(sketch, len(runs) < FEW_RUNS, files)


def are_alike(one: Likeness, other: Likeness) -> bool:
    """Whether one of them is a copy. A template filled with other files is none."""
    equal = sum(left == right for left, right in zip(one.sketch, other.sketch, strict=True))
    if equal < LIKE * SKETCH_NUMBERS:
        return False
    common = len(one.files & other.files)
    if one.is_short or other.is_short:
        return common > 0 and _is_enough(common, one, other)
    return not one.files or not other.files or _is_enough(common, one, other)


def _is_enough(common: int, one: Likeness, other: Likeness) -> bool:
    return common >= COMMON_FILES * min(len(one.files), len(other.files))


def _runs(text: Sequence[str]) -> Iterable[str]:
    if 0 < len(text) < RUN_WORDS:
        yield " ".join(text)
    for at in range(len(text) - RUN_WORDS + 1):
        yield " ".join(text[at : at + RUN_WORDS])


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % _PRIME


_PERMUTATIONS = [(_number(f"factor {n}") or 1, _number(f"offset {n}")) for n in range(64)]
