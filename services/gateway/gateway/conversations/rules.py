"""Rules of conversations: titles, the branch a question follows, how a turn may end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from contracts.conversations import TurnStatus
from gateway.planning.rules import PastMessage

TITLE_CHARACTERS = 60
MOST_WORDS = 8
LEASE_SECONDS = 30
"""A running turn is promised for so long at a time: a dead process is noticed after this."""
RENEW_SECONDS = 5.0


class Ending(StrEnum):
    """Why an answer ended before its end. The value is the message's `error`."""

    STOPPED = "stopped"
    TIME_LIMIT = "time_limit_reached"
    NO_READER = "no_reader"
    INTERRUPTED = "interrupted"
    DOOR_CLOSED = "door_closed"


@dataclass(frozen=True)
class PastLine:
    """A message as history needs it. prompt_content: what the engine wrote of an answer;
    asked_content: what it got of the answer's question. None: it was asked nothing."""

    id: str
    parent_id: str | None
    role: str
    content: str
    prompt_content: str | None
    asked_content: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which conversations of a list. words: each must stand in the title or in a message."""

    folder_id: str | None = None
    pinned: bool | None = None
    words: tuple[str, ...] = ()


def wanted_words(query: str) -> tuple[str, ...]:
    """The words of a search over conversations. Chinese has no blanks: its phrases stay whole."""
    return tuple(dict.fromkeys(query.split()))[:MOST_WORDS]


def title_of(question: str) -> str:
    """The first question as a title, on one line, cut at a word."""
    line = " ".join(question.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[: TITLE_CHARACTERS - 1]
    word, blank, _ = cut.rpartition(" ")
    # Chinese has no blanks, and a cut that loses half the line is worse than half a word.
    return (word if blank and len(word) > TITLE_CHARACTERS // 2 else cut) + "…"


def history_before(parent_id: str | None, lines: Mapping[str, PastLine]) -> list[PastMessage]:
    """The branch that ends with `parent_id`, oldest first, as the engine got it.

    A question that never got an answer is left out together with it.
    """
    branch: list[PastLine] = []
    while parent_id is not None and parent_id in lines:
        branch.append(lines[parent_id])
        parent_id = lines[parent_id].parent_id
    branch.reverse()
    history: list[PastMessage] = []
    for question, answer in _exchanges(branch):
        said = answer.prompt_content or answer.content
        if said:
            asked = answer.asked_content or question.prompt_content or question.content
            history.append(PastMessage("user", asked, question.id))
            history.append(PastMessage("assistant", said, answer.id))
    return history


def _exchanges(branch: Sequence[PastLine]) -> list[tuple[PastLine, PastLine]]:
    return [
        (first, second)
        for first, second in pairwise(branch)
        if (first.role, second.role) == ("user", "assistant")
    ]


def status_after(ending: Ending | None) -> TurnStatus:
    """How a turn stands after it ended."""
    if ending is None:
        return TurnStatus.COMPLETE
    return TurnStatus.FAILED if ending is Ending.INTERRUPTED else TurnStatus.STOPPED
