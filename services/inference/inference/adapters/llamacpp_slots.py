"""Which slot of llama.cpp answers: the one that read most of the prompt, of the same tenant only.

Left to itself llama.cpp reuses whatever prefix any slot holds, and the speed of a hit would tell a
tenant what another one asked.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile

from contracts.generation import PromptMessage

REUSE_SHARE = 0.5
"""A slot that knows less of the prompt is left to the conversation it holds."""


@dataclass
class _Slot:
    number: int
    salt: str | None = None
    prompt: str = ""
    used_at: int = 0
    is_taken: bool = False


@dataclass(frozen=True)
class TakenSlot:
    """number: which slot. may_reuse: what it has read belongs to this tenant."""

    number: int
    may_reuse: bool


class SlotTable:
    """What each slot has read last."""

    def __init__(self, slots: int) -> None:
        self._slots = [_Slot(number) for number in range(slots)]
        self._uses = 0

    def forget(self) -> None:
        """The server is a new one: it has read nothing."""
        for slot in self._slots:
            slot.salt, slot.prompt = None, ""

    @contextmanager
    def take(self, salt: str | None, messages: Sequence[PromptMessage]) -> Iterator[TakenSlot]:
        """A slot for one prompt."""
        prompt = "\n".join(f"{each.role}\n{each.content}" for each in messages)
        slot = self._best(salt, prompt)
        taken = TakenSlot(slot.number, may_reuse=slot.salt is not None and slot.salt == salt)
        self._uses += 1
        slot.salt, slot.prompt, slot.used_at, slot.is_taken = salt, prompt, self._uses, True
        try:
            yield taken
        finally:
            slot.is_taken = False

    def _best(self, salt: str | None, prompt: str) -> _Slot:
        # Admission lets in as many as there are slots; a self-test may come on top and waits.
        free = [slot for slot in self._slots if not slot.is_taken] or self._slots
        own = [slot for slot in free if slot.salt == salt]
        best = max(own, key=lambda slot: _known(slot, prompt), default=None)
        if best is not None and _known(best, prompt) >= REUSE_SHARE * len(prompt):
            return best
        return min(free, key=lambda slot: slot.used_at)


def _known(slot: _Slot, prompt: str) -> int:
    pairs = zip(slot.prompt, prompt, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
