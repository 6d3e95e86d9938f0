"""Where on its page each character of a parsed text stands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.page_pictures import GRID, MOST_CHARACTERS, MOST_RUNS, TextRun

_WIDEST_GAP_HEIGHTS = 2.0
"""A wider gap, in heights of the line, is not a space but another column."""

_SAME_LINE = 0.6
"""The share of the higher of two characters that they have in common if they are on one line."""


class Box(NamedTuple):
    """A rectangle in steps of the grid, from the left and from the top."""

    left: int
    top: int
    right: int
    bottom: int


BoxOf = Callable[[int], Box | None]
"""The box of a character by its index in the raw text; None: it is not on the page."""


def origins(raw: str, removed: Iterable[tuple[int, int]], text: str) -> list[int | None] | None:
    """For each character of `text`, the index in `raw` that it was read from; None for blanks.

    Reading a page removes some characters and changes white space, and nothing else; so without
    what was removed and without blanks both are the same. None: they are not, and nothing is known.
    """
    gone = set[int]()
    for start, end in removed:
        gone.update(range(start, end))
    kept = [at for at, character in enumerate(raw) if at not in gone and not character.isspace()]
    found = iter(kept)
    result: list[int | None] = []
    for character in text:
        if character.isspace():
            result.append(None)
            continue
        at = next(found, None)
        if at is None or raw[at] != character:
            return None
        result.append(at)
    return result if next(found, None) is None else None


@dataclass
class _Run:
    start: int
    top: int
    bottom: int
    edges: list[int]
    blanks: int = 0

    def takes(self, box: Box) -> bool:
        """Whether a character goes on with this run: same line, further right, not far away."""
        shared = min(self.bottom, box.bottom) - max(self.top, box.top)
        if shared < _SAME_LINE * max(self.bottom - self.top, box.bottom - box.top):
            return False
        gap = box.left - self.edges[-1]
        widest = _WIDEST_GAP_HEIGHTS * (box.bottom - box.top + 1)
        return box.left >= self.edges[-2] and gap <= widest

    def take(self, box: Box) -> None:
        """Append a character, and the blanks that were left open before it."""
        self.top, self.bottom = min(self.top, box.top), max(self.bottom, box.bottom)
        right = self.edges[-1]
        if self.blanks:
            step = max(box.left - right, 0) / self.blanks
            self.edges += [right + round(step * (number + 1)) for number in range(self.blanks)]
            self.blanks = 0
        self.edges[-1] = max(box.left, self.edges[-2])
        self.edges.append(max(box.right, self.edges[-1]))


@dataclass
class _Lines:
    runs: list[TextRun] = field(default_factory=list)
    open: _Run | None = None

    def close(self) -> None:
        """End the run at hand; blanks at its end belong to no line."""
        run, self.open = self.open, None
        if run is not None:
            self.runs.append(
                TextRun(start=run.start, top=run.top, bottom=run.bottom, edges=run.edges)
            )


def runs_of(places: Sequence[int | None], box_of: BoxOf, start: int = 0) -> list[TextRun]:
    """The runs of a text whose characters come from `places`; the first stands at `start`."""
    if len(places) > MOST_CHARACTERS:
        return []
    lines = _Lines()
    for offset, place in enumerate(places):
        if place is None:
            if lines.open is not None:
                lines.open.blanks += 1
            continue
        box = box_of(place)
        if box is None:
            lines.close()
        elif lines.open is not None and lines.open.takes(box):
            lines.open.take(box)
        else:
            lines.close()
            lines.open = _Run(start + offset, box.top, box.bottom, [box.left, box.right])
    lines.close()
    return lines.runs if len(lines.runs) <= MOST_RUNS else []


def clipped(left: float, top: float, right: float, bottom: float) -> Box | None:
    """The part of a rectangle that lies on the page, in whole steps; None: none of it does."""
    if right <= 0 or bottom <= 0 or left >= GRID or top >= GRID:
        return None
    if left >= 0 and top >= 0 and right <= GRID and bottom <= GRID:  # nearly always
        return Box(round(left), round(top), round(right), round(bottom))
    return Box(
        max(round(left), 0),
        max(round(top), 0),
        min(round(right), GRID),
        min(round(bottom), GRID),
    )
