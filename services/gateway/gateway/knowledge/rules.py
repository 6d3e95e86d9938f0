"""Rules of knowledge: labels, stages and their percent, what a grant lets be read."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from contracts.files import CollectionChunking, StaticChunking
from contracts.jobs import ParsedPage, Stage
from contracts.page_pictures import MarkedArea, TextRun

FILENAME_LENGTH = 255
UNNAMED = "unnamed"
ATTACHED_PURPOSE = "conversation"
"""Of files that are attached to a conversation. Nobody can upload for it: see `PURPOSES`."""

FINAL_STAGES = frozenset({Stage.READY, Stage.FAILED})

# Where each stage's share of the bar begins and ends. Embedding is nearly all of the time.
_SHARE: dict[Stage, tuple[int, int]] = {
    Stage.QUEUED: (0, 0),
    Stage.PARSING: (0, 20),
    Stage.SPLITTING: (20, 25),
    Stage.EMBEDDING: (25, 95),
    Stage.INDEXING: (95, 99),
    Stage.READY: (100, 100),
    Stage.FAILED: (0, 0),
}
WORKING_STAGES = (Stage.PARSING, Stage.SPLITTING, Stage.EMBEDDING, Stage.INDEXING)

_PATH_PARTS = re.compile(r"^.*[/\\]", re.DOTALL)


@dataclass(frozen=True)
class LoadedPassage:
    """A passage that the caller may read, with where it comes from.

    start, end: code points of its document version. index: its position among the passages of it.
    """

    passage_id: str
    file_id: str
    filename: str
    document_id: str
    document_version_id: str
    document_version: int
    title: str
    page: int | None
    header: str
    start: int
    end: int
    text: str
    source_url: str | None = None
    flags: tuple[str, ...] = ()
    index: int = 0
    is_off: bool = False


def neighbours(
    passages: Sequence[LoadedPassage], found: Iterable[LoadedPassage]
) -> list[LoadedPassage]:
    """Of `found` those that go on or lead up to one of `passages` under the same heading.

    The best passage's come first, what follows before what precedes, each once.
    """
    at = {(each.document_version_id, each.index): each for each in found}
    here = {each.passage_id for each in passages}
    beside: dict[str, LoadedPassage] = {}
    for passage in passages:
        for step in (1, -1):
            each = at.get((passage.document_version_id, passage.index + step))
            if each and each.header == passage.header and each.passage_id not in here:
                beside.setdefault(each.passage_id, each)
    return list(beside.values())


def passage_tokens_of(chunking: CollectionChunking | None) -> int | None:
    """How long passages should be. None: as long as the installation's."""
    if not isinstance(chunking, StaticChunking):
        return None
    return chunking.static.max_chunk_size_tokens


def label_of(filename: str) -> str:
    """A filename as a mere label: no path, no control or direction characters, bounded."""
    shown = "".join(
        character
        for character in filename
        # Cc and Cf hold line breaks, NUL and the marks that turn the reading direction round.
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    shown = _PATH_PARTS.sub("", shown).strip()
    if shown in ("", ".", ".."):
        return UNNAMED
    if len(shown) <= FILENAME_LENGTH:
        return shown
    stem, dot, extension = shown.rpartition(".")
    if not dot or len(extension) > 16:
        return shown[:FILENAME_LENGTH]
    return f"{stem[: FILENAME_LENGTH - len(extension) - 1]}.{extension}"


def page_label(host: str, target: str) -> str:
    """A web page as a filename: its host, and the last part of its path."""
    segments = [segment for segment in target.partition("?")[0].split("/") if segment]
    last = label_of(unquote(segments[-1])) if segments else ""
    return label_of(f"{host} {last}" if last and last != UNNAMED else host)


def percent_of(stage: Stage, done: int, total: int) -> int:
    """How far the whole journey is, when a stage is `done` of `total`."""
    begin, end = _SHARE[stage]
    if total <= 0:
        return begin
    return begin + (end - begin) * min(done, total) // total


Progress = tuple[Stage, int, int]
"""A stage, and how much of how much of it is done."""


def is_backwards(current: Progress, reported: Progress) -> bool:
    """Whether a report would move the bar back: it then renews the lease and nothing else."""
    stage_now, stage_then = current[0], reported[0]
    if stage_now not in WORKING_STAGES or stage_then not in WORKING_STAGES:
        return False
    is_earlier = WORKING_STAGES.index(stage_then) < WORKING_STAGES.index(stage_now)
    return is_earlier or percent_of(*reported) < percent_of(*current)


Status = Literal["in_progress", "completed", "failed", "cancelled"]


def status_of(stage: Stage) -> Literal["in_progress", "completed", "failed"]:
    """OpenAI's word for a stage."""
    if stage is Stage.READY:
        return "completed"
    return "failed" if stage is Stage.FAILED else "in_progress"


def stages_of(status: Status) -> frozenset[Stage]:
    """The stages behind OpenAI's word. Nothing is `cancelled`: a cancelled file is taken out."""
    return frozenset(stage for stage in Stage if status_of(stage) == status)


def retry_delay_seconds(attempts: int) -> int:
    """How long a failed attempt waits for the next: 5 s, 20 s, 80 s, at most 5 minutes."""
    return int(min(5 * 4 ** max(attempts - 1, 0), 300))


def is_span_inside(start: int, end: int, length: int) -> bool:
    """A passage holds at least one character of the text and none beyond it."""
    return 0 <= start < end <= length


def size_in_words(size_bytes: int) -> str:
    """A limit as people read it."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size_bytes >= factor and size_bytes % factor == 0:
            return f"{size_bytes // factor} {unit}"
    return f"{size_bytes} bytes"


def duration_in_words(seconds: int) -> str:
    """A deadline as people read it."""
    for unit, factor in (("hour", 3600), ("minute", 60)):
        if seconds >= factor and seconds % factor == 0:
            count = seconds // factor
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{seconds} seconds"


SURROUNDING_CHARACTERS = 2_000
"""How much of a document stands before and after a passage on the page that shows it."""

MOST_QUOTED_PAGES = 4
_TOUCHING = 10
"""Steps of the grid between two marks that look like one."""

_WORTH_CUTTING_AT = 400
"""A paragraph that begins within so many characters of the bound is where the bound moves to."""


def quoted_within(start: int, end: int, passage: LoadedPassage) -> tuple[int, int]:
    """The part of a wished span that lies in the passage; whatever was wished, it is a span."""
    first = min(max(start, passage.start), passage.end)
    last = min(max(end, first), passage.end)
    return (first, last) if last > first else (passage.start, passage.start)


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a text to show with the span: bounded, from and to ends of paragraphs if near."""
    first = max(start - SURROUNDING_CHARACTERS, 0)
    last = min(end + SURROUNDING_CHARACTERS, len(text))
    if first > 0:
        paragraph = text.find("\n", first, min(first + _WORTH_CUTTING_AT, start))
        first = first if paragraph < 0 else paragraph + 1
    if last < len(text):
        paragraph = text.rfind("\n", max(last - _WORTH_CUTTING_AT, end), last)
        last = last if paragraph < 0 else paragraph
    return first, last


def pages_between(pages: Sequence[ParsedPage], start: int, end: int) -> list[int]:
    """The numbers of the pages on which a span stands, or its first characters do if it is none."""
    numbers: list[int] = []
    for at, page in enumerate(pages):
        ends = pages[at + 1].start if at + 1 < len(pages) else None
        if page.start < max(end, start + 1) and (ends is None or ends > start):
            numbers.append(page.number)
    return numbers[:MOST_QUOTED_PAGES]


def marks_between(runs: Iterable[TextRun], start: int, end: int) -> list[MarkedArea]:
    """The rectangles of the characters of a span, those side by side as one."""
    marks: list[MarkedArea] = []
    for run in runs:
        first, last = max(start, run.start), min(end, run.end)
        if first >= last:
            continue
        left, right = run.edges[first - run.start], run.edges[last - run.start]
        height = run.bottom - run.top
        if right > left and height > 0:
            mark = MarkedArea(left=left, top=run.top, width=right - left, height=height)
            joined = _joined(marks[-1], mark) if marks else None
            marks[-1:] = [joined] if joined else [*marks[-1:], mark]
    return marks


def _joined(one: MarkedArea, other: MarkedArea) -> MarkedArea | None:
    """Both as one, if they touch on one line. Of text that runs to the left each character is a
    run of its own."""
    left, right = min(one.left, other.left), max(one.left + one.width, other.left + other.width)
    is_beside = right - left <= one.width + other.width + _TOUCHING
    if not is_beside or (one.top, one.height) != (other.top, other.height):
        return None
    return MarkedArea(left=left, top=one.top, width=right - left, height=one.height)
