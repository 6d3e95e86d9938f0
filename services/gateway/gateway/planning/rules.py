"""The context planner, a pure function: the same inputs give the same prompt, byte for byte.

Order: instructions, history as it was sent before, passages, question. What comes first changes
least, so that an engine's prefix cache holds from turn to turn and from member to member.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from contracts.assistants import GroundingMode
from contracts.generation import PromptMessage, Role
from gateway.knowledge.rules import LoadedPassage
from gateway.planning.errors import ContextLengthExceeded
from gateway.planning.repeats import is_repeated

# Short on purpose, and worded by trial: longer rules, a second language or a word about format
# made the 0.5B model say "not found" to half of what the passages answer.
GROUNDING_RULES = (
    "Answer from the passages only, in the language of the question, never from your own knowledge."
)
NOT_FOUND_RULE = "If the passages do not contain the answer, reply exactly: "
DOCUMENTS_FIRST_RULES = (
    "Answer from the passages if they contain the answer, in the language of the question. "
    "If they do not, or there are none, begin with: {words}\nThen answer from your own knowledge."
)
FREE_RULES = "Passages of documents may come with a question. Use them where they help."
NOT_FOUND_WORDS = "The documents do not say."
CHINESE_NOT_FOUND_WORDS = "文档中没有提到。"

# However a tag is spelled: with blanks, with wide brackets, with letters that nobody sees between.
_GAP = "[\\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]{0,8}"
_TAG = re.compile(f"[<\uff1c\ufe64](?={_GAP}/?{_GAP}{_GAP.join('passage')})", re.IGNORECASE)
_QUESTION_PREFIX = "\n\nQuestion: "


class SegmentKind(StrEnum):
    """What a part of the prompt is."""

    INSTRUCTIONS = "instructions"
    HISTORY = "history"
    PASSAGE = "passage"
    QUESTION = "question"


class Outcome(StrEnum):
    """What became of it."""

    KEPT = "kept"
    SHORTENED = "shortened"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Segment:
    """A part of the context, its size in the engine's tokens, and why it is in or out."""

    kind: SegmentKind
    text: str
    tokens: int
    outcome: Outcome
    reason: str
    passage_id: str | None = None


@dataclass(frozen=True)
class PastMessage:
    """A message of the history, exactly as the engine got or wrote it."""

    role: Role
    content: str


@dataclass(frozen=True)
class Overhead:
    """Tokens the chat template adds: once, and for each message."""

    fixed: int
    per_message: int


@dataclass(frozen=True)
class Budget:
    """Bounds in the engine's tokens."""

    window_tokens: int
    answer_tokens: int
    passage_tokens: int
    overhead: Overhead


@dataclass(frozen=True)
class Material:
    """Everything that may go into a prompt. passages: best first. system: empty for none.

    beside: what stands next to the passages in their documents, read if room is left.
    """

    system: str
    history: tuple[PastMessage, ...]
    passages: tuple[LoadedPassage, ...]
    question: str
    beside: tuple[LoadedPassage, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A prompt and the account of it. passages: those it holds, as it holds them."""

    segments: tuple[Segment, ...]
    messages: tuple[PromptMessage, ...]
    passages: tuple[LoadedPassage, ...]
    prompt_tokens: int


def system_text(instructions: str, not_found_words: str, mode: GroundingMode | None) -> str:
    """The system message, the same for every member, turn and day. mode None: no documents."""
    rules = "" if mode is None else _rules(mode, not_found_words.strip() or NOT_FOUND_WORDS)
    return "\n\n".join(part for part in (instructions.strip(), rules) if part)


def _rules(mode: GroundingMode, words: str) -> str:
    if mode is GroundingMode.DOCUMENTS_FIRST:
        return DOCUMENTS_FIRST_RULES.format(words=words)
    if mode is GroundingMode.FREE:
        return FREE_RULES
    return f"{GROUNDING_RULES}\n{NOT_FOUND_RULE}{words}"


def all_not_found_words(not_found_words: str) -> tuple[str, ...]:
    """Every wording by which an answer says that the documents are silent."""
    configured = not_found_words.strip()
    return (configured,) if configured else (NOT_FOUND_WORDS, CHINESE_NOT_FOUND_WORDS)


def harmless(text: str) -> str:
    """Text that cannot open or close a passage: its tags lose their bracket."""
    return _TAG.sub("‹", text)


def passage_text(passage: LoadedPassage, number: int) -> str:
    """A passage as data, named by its place."""
    title = harmless(passage.title or passage.filename)
    title = " ".join(title.replace('"', "'").replace(">", "›").split())[:120]
    page = "" if passage.page is None else f' page="{passage.page}"'
    return f'<passage n="{number}" title="{title}"{page}>\n{harmless(passage.text)}\n</passage>\n'


def question_text(passages: Sequence[LoadedPassage], question: str) -> str:
    """The newest user message: passages in stable order, then the question."""
    parts = [passage_text(passage, number) for number, passage in enumerate(passages, 1)]
    return f"<passages>\n{''.join(parts)}</passages>{_QUESTION_PREFIX}{harmless(question)}"


def shortened(passage: LoadedPassage, ends: Sequence[int]) -> LoadedPassage | None:
    """The first half of a passage, cut after a sentence. ends: where its sentences end."""
    half = [end for end in ends if 0 < end <= len(passage.text) * 0.6]
    if not half:
        return None
    return replace(passage, text=passage.text[: half[-1]], end=passage.start + half[-1])


def texts_to_count(material: Material, ends_of: Callable[[str], Sequence[int]]) -> list[str]:
    """Every text whose size `plan` asks for."""
    texts = [material.system, *(message.content for message in material.history)]
    texts.append(_frame(material))
    for passage in (*material.passages, *material.beside):
        texts.append(passage_text(passage, 1))
        half = shortened(passage, ends_of(passage.text))
        if half is not None:
            texts.append(passage_text(half, 1))
    return [text for text in dict.fromkeys(texts) if text]


def plan(
    material: Material,
    counts: Mapping[str, int],
    budget: Budget,
    ends_of: Callable[[str], Sequence[int]],
) -> Plan:
    """Fill the window in the order of importance. Raises ContextLengthExceeded."""
    per_message = budget.overhead.per_message
    instructions = counts[material.system] + per_message if material.system else 0
    question = counts[_frame(material)] + per_message
    fixed = budget.overhead.fixed + instructions + question
    room = budget.window_tokens - budget.answer_tokens - fixed
    if room < 0:
        raise _too_long(fixed, budget)
    chosen = _choose_passages(material, counts, min(room, budget.passage_tokens), ends_of)
    room -= sum(segment.tokens for segment, _ in chosen)
    history = _choose_history(material.history, counts, per_message, room)
    passages = _in_stable_order([kept for _, kept in chosen if kept is not None])
    segments = [
        *_segment_of_system(material.system, instructions),
        *history,
        *(segment for segment, _ in chosen),
        Segment(SegmentKind.QUESTION, material.question, question, Outcome.KEPT, "asked now"),
    ]
    return Plan(
        segments=tuple(segments),
        messages=_messages(material, history, passages),
        passages=passages,
        prompt_tokens=budget.overhead.fixed + sum(segment.tokens for segment in segments),
    )


def question_in(content: str) -> str:
    """The question of a user message that was sent before, without its passages."""
    return content.rpartition(_QUESTION_PREFIX)[2] if content.startswith("<passages>") else content


def _frame(material: Material) -> str:
    """The newest user message without its passages."""
    return question_text((), material.question) if material.passages else material.question


def _segment_of_system(system: str, tokens: int) -> list[Segment]:
    if not system:
        return []
    return [Segment(SegmentKind.INSTRUCTIONS, system, tokens, Outcome.KEPT, "always first")]


def _choose_passages(
    material: Material,
    counts: Mapping[str, int],
    room: int,
    ends_of: Callable[[str], Sequence[int]],
) -> list[tuple[Segment, LoadedPassage | None]]:
    chosen: list[tuple[Segment, LoadedPassage | None]] = []
    for passage in (*material.passages, *material.beside):
        if is_repeated(passage, [kept for _, kept in chosen if kept is not None]):
            chosen.append((_repeated(passage), None))
            continue
        half = shortened(passage, ends_of(passage.text))
        full_tokens = counts[passage_text(passage, 1)]
        half_tokens = None if half is None else counts[passage_text(half, 1)]
        if full_tokens <= room:
            kept, tokens = passage, full_tokens
            is_beside = passage in material.beside
            outcome, reason = Outcome.KEPT, "next to a relevant one" if is_beside else "relevant"
        elif half is not None and half_tokens is not None and half_tokens <= room:
            kept, tokens = half, half_tokens
            outcome, reason = Outcome.SHORTENED, "only its first sentences fit"
        else:
            chosen.append((_dropped(SegmentKind.PASSAGE, passage.text, passage.passage_id), None))
            continue
        room -= tokens
        segment = Segment(
            SegmentKind.PASSAGE, kept.text, tokens, outcome, reason, passage.passage_id
        )
        chosen.append((segment, kept))
    return chosen


def _choose_history(
    history: Sequence[PastMessage], counts: Mapping[str, int], per_message: int, room: int
) -> list[Segment]:
    """Drop the oldest exchanges, in steps.

    Each step takes a quarter of the room at least: dropping one exchange a turn would move the
    start of the prompt at every turn, and no prefix cache would ever hold.
    """
    sizes = [
        counts[message.content] + per_message if message.content else per_message
        for message in history
    ]
    starts = [
        index for index, message in enumerate(history) if message.role == "user" or index == 0
    ]
    step, excess = max(room // 4, 1), sum(sizes) - room
    to_drop = -(-excess // step) * step if excess > 0 else 0
    first = next((start for start in starts if sum(sizes[:start]) >= to_drop), len(history))
    return [
        Segment(SegmentKind.HISTORY, message.content, size, Outcome.KEPT, "as sent before")
        if index >= first
        else _dropped(SegmentKind.HISTORY, message.content)
        for index, (message, size) in enumerate(zip(history, sizes, strict=True))
    ]


def _dropped(kind: SegmentKind, text: str, passage_id: str | None = None) -> Segment:
    return Segment(kind, text, 0, Outcome.DROPPED, "no room left", passage_id)


def _repeated(passage: LoadedPassage) -> Segment:
    reason = "says the same as a better one"
    return Segment(
        SegmentKind.PASSAGE, passage.text, 0, Outcome.DROPPED, reason, passage.passage_id
    )


def _in_stable_order(passages: Sequence[LoadedPassage]) -> tuple[LoadedPassage, ...]:
    return tuple(sorted(passages, key=lambda passage: (passage.document_id, passage.start)))


def _messages(
    material: Material, history: Sequence[Segment], passages: Sequence[LoadedPassage]
) -> tuple[PromptMessage, ...]:
    messages = [PromptMessage(role="system", content=material.system)] if material.system else []
    messages += [
        PromptMessage(role=message.role, content=message.content)
        for message, segment in zip(material.history, history, strict=True)
        if segment.outcome is Outcome.KEPT
    ]
    question = question_text(passages, material.question)
    asked = question if material.passages else material.question
    return (*messages, PromptMessage(role="user", content=asked))


def _too_long(fixed: int, budget: Budget) -> ContextLengthExceeded:
    return ContextLengthExceeded(
        f"Instructions and question have {fixed} tokens and the answer needs room for "
        f"{budget.answer_tokens}; this model's context length is {budget.window_tokens} tokens.",
        param="messages",
    )
