"""Whose calls somebody sees, and which of them they ask about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.reporting.rules.periods import Grain, Span
from gateway.usage.rules import Grouping

NONE = "none"
"""In a filter: calls without a member, an assistant or a key."""


class Outlook(StrEnum):
    """What of the books is asked for.

    all: what one runs, the installation or the workspace. mine: one's own calls. assistants: the
    calls of the assistants that one builds, whoever asked them.
    """

    ALL = "all"
    MINE = "mine"
    ASSISTANTS = "assistants"


@dataclass(frozen=True)
class Sight:
    """The calls somebody may see. None: no bound.

    names_in: members and keys of this workspace alone are named; None: wherever.
    """

    workspace_id: str | None = None
    member_id: str | None = None
    assistant_ids: frozenset[str] | None = None
    names_in: str | None = None


@dataclass(frozen=True)
class Narrowing:
    """Which calls are asked for."""

    member: str | None = None
    assistant: str | None = None
    model: str | None = None
    key: str | None = None
    conversation: str | None = None
    status: str | None = None
    purpose: str | None = None

    @property
    def is_of_single_calls(self) -> bool:
        """Asks for what no sum keeps."""
        return any((self.conversation, self.status, self.purpose))


@dataclass(frozen=True)
class Question:
    """What is to be added up."""

    sight: Sight
    narrowing: Narrowing
    period: Span
    groups: Sequence[Grouping] = ()
    grain: Grain = Grain.DAY

    def held(self) -> Mapping[Grouping, frozenset[str]]:
        """dimension -> the values that count; `` stands for none."""
        asked = {
            Grouping.MEMBER: self.narrowing.member,
            Grouping.ASSISTANT: self.narrowing.assistant,
            Grouping.MODEL: self.narrowing.model,
            Grouping.KEY: self.narrowing.key,
        }
        found = {
            name: frozenset({"" if value == NONE else value})
            for name, value in asked.items()
            if value
        }
        if self.sight.member_id is not None:
            _hold(found, Grouping.MEMBER, frozenset({self.sight.member_id}))
        if self.sight.assistant_ids is not None:
            _hold(found, Grouping.ASSISTANT, self.sight.assistant_ids)
        return found

    def dimensions(self) -> list[Grouping]:
        """What the question is about, days aside; sums are kept along one of them at a time."""
        return sorted({*self.held(), *self.groups} - {Grouping.DAY})

    @property
    def is_kept(self) -> bool:
        """The kept sums answer it; else the calls themselves do."""
        return len(self.dimensions()) <= 1 and not self.narrowing.is_of_single_calls


def _hold(found: dict[Grouping, frozenset[str]], name: Grouping, values: frozenset[str]) -> None:
    found[name] = found[name] & values if name in found else values
