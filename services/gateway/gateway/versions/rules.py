"""How two states of an assistant differ. Pure: texts and definitions in, differences out."""

from array import array
from collections.abc import Mapping, Sequence

from contracts.assistants import AssistantFields
from contracts.versions import SettingChange, TextHunk

MOST_CELLS = 1_000_000
"""Of the table that finds common lines. Two texts of more lines differ as a whole in the middle."""

_ELSEWHERE = frozenset({"instructions", "slug"})
"""Fields that are no rows of the table of settings: one has lines of its own, one is no setting."""


def text_hunks(before: str, after: str) -> list[TextHunk]:
    """Line by line what went, what came and what stayed; equal texts are one hunk."""
    old, new = _lines(before), _lines(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    end_of_old, end_of_new = len(old) - tail, len(new) - tail
    hunks = _Hunks()
    hunks.add("same", old[:head])
    _middle(hunks, old[head:end_of_old], new[head:end_of_new])
    hunks.add("same", old[end_of_old:])
    return hunks.joined()


def setting_changes(before: AssistantFields, after: AssistantFields) -> list[SettingChange]:
    """The fields that differ, in the order of the definition, as they stand in JSON."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        SettingChange(name=name, before=old[name], after=new[name])
        for name in old
        if name not in _ELSEWHERE and old[name] != new[name]
    ]


def version_number(name: str) -> int | None:
    """A version's number as callers write it; None: none could be meant."""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 10 else None


Spans = Mapping[str, tuple[int | None, int | None]]
"""Collection id -> the epoch that either side reads; None: that side does not read it."""


def spans_of(before: Mapping[str, int], after: Mapping[str, int]) -> Spans:
    """The collections of both sides, those apart that read the same."""
    ids = sorted({*before, *after})
    return {found: (before.get(found), after.get(found)) for found in ids}


class _Hunks:
    """Gathers lines; neighbours of one kind become one hunk, what went before what came."""

    def __init__(self) -> None:
        self._made: list[tuple[str, list[str]]] = []

    def add(self, kind: str, lines: Sequence[str]) -> None:
        if not lines:
            return
        if self._made and self._made[-1][0] == kind:
            self._made[-1][1].extend(lines)
        else:
            self._made.append((kind, list(lines)))

    def joined(self) -> list[TextHunk]:
        return [
            TextHunk.model_validate({"kind": kind, "text": "\n".join(lines)})
            for kind, lines in self._made
        ]


def _lines(text: str) -> list[str]:
    # Not splitlines: form feeds and the like are part of a line for whoever wrote it.
    return text.split("\n") if text else []


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _middle(hunks: _Hunks, old: Sequence[str], new: Sequence[str]) -> None:
    if not old or not new or len(old) * len(new) > MOST_CELLS:
        hunks.add("removed", old)
        hunks.add("added", new)
        return
    table = _common_lengths(old, new)
    left = right = 0
    while left < len(old) and right < len(new):
        if old[left] == new[right]:
            hunks.add("same", [old[left]])
            left, right = left + 1, right + 1
        elif table[left + 1][right] >= table[left][right + 1]:
            hunks.add("removed", [old[left]])
            left += 1
        else:
            hunks.add("added", [new[right]])
            right += 1
    hunks.add("removed", old[left:])
    hunks.add("added", new[right:])


def _common_lengths(old: Sequence[str], new: Sequence[str]) -> "list[array[int]]":
    """table[i][j]: how many lines old[i:] and new[j:] have in common, in this order."""
    table = [array("i", bytes(4 * (len(new) + 1))) for _ in range(len(old) + 1)]
    for left in range(len(old) - 1, -1, -1):
        row, below, line = table[left], table[left + 1], old[left]
        for right in range(len(new) - 1, -1, -1):
            if line == new[right]:
                row[right] = below[right + 1] + 1
            else:
                row[right] = max(below[right], row[right + 1])
    return table
