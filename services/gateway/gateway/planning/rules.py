"""The context planner, a pure function: the same inputs give the same prompt, byte for byte.

Order: instructions, history as it was sent before, passages, question. What comes first changes
least, so that an engine's prefix cache holds from turn to turn and from member to member.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contracts.context import Outcome, Reason, SegmentKind
from contracts.generation import PromptMessage, Role
from gateway.knowledge.rules import LoadedPassage
from gateway.planning.blocks import (
    Block,
    block_text,
    blocks_of,
    continued_text,
    harmless,
    in_stable_order,
    passage_text,
)
from gateway.planning.errors import ContextLengthExceeded
from gateway.planning.fading import first_kept
from gateway.planning.repeats import is_repeated

_QUESTION_PREFIX = "\n\nQuestion: "


@dataclass(frozen=True)
class PastMessage:
    """A message of the history, exactly as the engine got or wrote it. message_id: if stored."""

    role: Role
    content: str
    message_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Segment:
    """A part of the context, its size in the engine's tokens, and why it is in or out.

    passage: as it was sent, or as it was offered. message: of the history.
    """

    kind: SegmentKind
    text: str
    tokens: int
    outcome: Outcome
    reason: Reason
    passage: LoadedPassage | None = None
    message: PastMessage | None = None

    @property
    def passage_id(self) -> str | None:
        """Of a passage, its id."""
        return None if self.passage is None else self.passage.passage_id


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

    @property
    def offered(self) -> tuple[LoadedPassage, ...]:
        """All passages, best first, then what stands beside them."""
        return (*self.passages, *self.beside)

    @property
    def widest_number(self) -> int:
        """No passage's number is longer than this one: engines count digits."""
        return int("9" * len(str(len(self.offered))))


@dataclass(frozen=True)
class Plan:
    """A prompt and the account of it.

    segments: in the order sent; passages that were left out come after those that were not.
    passages: those it holds, as it holds them. blocks: the same, as they are numbered from 1 in
    the prompt. template_tokens: of the prompt, what no segment has.
    """

    segments: tuple[Segment, ...]
    messages: tuple[PromptMessage, ...]
    blocks: tuple[Block, ...]
    template_tokens: int
    budget: Budget

    @property
    def passages(self) -> tuple[LoadedPassage, ...]:
        """Every passage of the prompt, in its order."""
        return tuple(passage for block in self.blocks for passage in block)

    @property
    def prompt_tokens(self) -> int:
        """The size of the prompt, by the planner's count."""
        return self.template_tokens + sum(segment.tokens for segment in self.segments)


def question_text(blocks: Sequence[Block], question: str) -> str:
    """The newest user message: passages in stable order, then the question."""
    parts = [block_text(block, number) for number, block in enumerate(blocks, 1)]
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
    for passage in material.offered:
        half = shortened(passage, ends_of(passage.text))
        for each in (passage,) if half is None else (passage, half):
            texts.append(passage_text(each, material.widest_number))
            if _has_company(passage, material):
                texts.append(continued_text(each))
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
    blocks = _blocks(chosen)
    passages = _in_sent_order(chosen, blocks, counts)
    room -= sum(segment.tokens for segment in passages)
    history = _choose_history(material.history, counts, per_message, room)
    segments = [
        *_segment_of_system(material.system, instructions),
        *history,
        *passages,
        Segment(SegmentKind.QUESTION, material.question, question, Outcome.KEPT, Reason.ASKED_NOW),
    ]
    return Plan(
        segments=tuple(segments),
        messages=_messages(material, history, blocks),
        blocks=blocks,
        template_tokens=budget.overhead.fixed,
        budget=budget,
    )


def question_in(content: str) -> str:
    """The question of a user message that was sent before, without its passages."""
    return content.rpartition(_QUESTION_PREFIX)[2] if content.startswith("<passages>") else content


def _frame(material: Material) -> str:
    """The newest user message without its passages."""
    return question_text((), material.question) if material.passages else material.question


def _has_company(passage: LoadedPassage, material: Material) -> bool:
    """Another passage of the same document version may end up before it in one block."""
    return any(
        each is not passage and each.document_version_id == passage.document_version_id
        for each in material.offered
    )


def _segment_of_system(system: str, tokens: int) -> list[Segment]:
    if not system:
        return []
    return [Segment(SegmentKind.INSTRUCTIONS, system, tokens, Outcome.KEPT, Reason.ALWAYS_FIRST)]


def _choose_passages(
    material: Material,
    counts: Mapping[str, int],
    room: int,
    ends_of: Callable[[str], Sequence[int]],
) -> list[Segment]:
    """What becomes of each passage, the best first, as if each stood alone."""
    chosen: list[Segment] = []
    beside = {passage.passage_id for passage in material.beside}
    for passage in material.offered:
        kept = [each.passage for each in chosen if each.passage and _is_sent(each)]
        if is_repeated(passage, kept):
            chosen.append(_of_passage(passage, 0, Outcome.DROPPED, Reason.REPEATED))
            continue
        half = shortened(passage, ends_of(passage.text))
        full_tokens = counts[passage_text(passage, material.widest_number)]
        half_tokens = 0 if half is None else counts[passage_text(half, material.widest_number)]
        if full_tokens <= room:
            reason = Reason.BESIDE if passage.passage_id in beside else Reason.RELEVANT
            chosen.append(_of_passage(passage, full_tokens, Outcome.KEPT, reason))
        elif half is not None and half_tokens <= room:
            chosen.append(_of_passage(half, half_tokens, Outcome.SHORTENED, Reason.FIRST_SENTENCES))
        else:
            chosen.append(_of_passage(passage, 0, Outcome.DROPPED, Reason.NO_ROOM))
        room -= chosen[-1].tokens
    return chosen


def _of_passage(passage: LoadedPassage, tokens: int, outcome: Outcome, reason: Reason) -> Segment:
    return Segment(SegmentKind.PASSAGE, passage.text, tokens, outcome, reason, passage)


def _is_sent(segment: Segment) -> bool:
    return segment.outcome is not Outcome.DROPPED


def _blocks(chosen: Sequence[Segment]) -> tuple[Block, ...]:
    sent = [(each.passage, each.outcome) for each in chosen if each.passage and _is_sent(each)]
    cut = {passage.passage_id for passage, outcome in sent if outcome is Outcome.SHORTENED}
    return blocks_of(in_stable_order([passage for passage, _ in sent]), cut)


def _in_sent_order(
    chosen: Sequence[Segment], blocks: Sequence[Block], counts: Mapping[str, int]
) -> list[Segment]:
    """As the prompt has them, then what was left out. What goes on in a block needs no tags."""
    sent = {each.passage_id: each for each in chosen if _is_sent(each)}
    ordered: list[Segment] = []
    for block in blocks:
        first, *others = block
        ordered.append(sent[first.passage_id])
        for passage in others:
            alone = sent[passage.passage_id]
            tokens = min(alone.tokens, counts[continued_text(passage)])
            ordered.append(replace(alone, tokens=tokens))
    return [*ordered, *(each for each in chosen if not _is_sent(each))]


def _choose_history(
    history: Sequence[PastMessage], counts: Mapping[str, int], per_message: int, room: int
) -> list[Segment]:
    """The oldest exchanges give way."""
    sizes = [
        counts[message.content] + per_message if message.content else per_message
        for message in history
    ]
    starts = [
        index for index, message in enumerate(history) if message.role == "user" or index == 0
    ]
    first = first_kept(sizes, starts, room)
    return [
        _of_past(message, size, Outcome.KEPT, Reason.SENT_BEFORE)
        if index >= first
        else _of_past(message, 0, Outcome.DROPPED, Reason.NO_ROOM)
        for index, (message, size) in enumerate(zip(history, sizes, strict=True))
    ]


def _of_past(message: PastMessage, tokens: int, outcome: Outcome, reason: Reason) -> Segment:
    return Segment(SegmentKind.HISTORY, message.content, tokens, outcome, reason, message=message)


def _messages(
    material: Material, history: Sequence[Segment], blocks: Sequence[Block]
) -> tuple[PromptMessage, ...]:
    messages = [PromptMessage(role="system", content=material.system)] if material.system else []
    messages += [
        PromptMessage(role=each.message.role, content=each.message.content)
        for each in history
        if each.message and _is_sent(each)
    ]
    question = question_text(blocks, material.question)
    asked = question if material.passages else material.question
    return (*messages, PromptMessage(role="user", content=asked))


def _too_long(fixed: int, budget: Budget) -> ContextLengthExceeded:
    return ContextLengthExceeded(
        f"Instructions and question have {fixed} tokens and the answer needs room for "
        f"{budget.answer_tokens}; this model's context length is {budget.window_tokens} tokens.",
        param="messages",
    )
