"""The account of an answer for its page: a bar of the window, and every part in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.context import ContextView, Outcome, Reason, SegmentKind, SegmentView
from web.languages import N_, Language

BAR_WIDTH = 1_000
_FREE, _ANSWER = "free", "answer"

_KINDS = {
    SegmentKind.INSTRUCTIONS: N_("Instructions"),
    SegmentKind.HISTORY: N_("Earlier messages"),
    SegmentKind.PASSAGE: N_("Passages"),
    SegmentKind.QUESTION: N_("Question"),
    SegmentKind.TEMPLATE: N_("The model's own format"),
    _ANSWER: N_("Kept free for the answer"),
    _FREE: N_("Not used"),
}
_TITLES = {
    (SegmentKind.INSTRUCTIONS, None): N_("Instructions"),
    (SegmentKind.HISTORY, "user"): N_("Earlier question, with what was read for it"),
    (SegmentKind.HISTORY, "assistant"): N_("Earlier answer"),
    (SegmentKind.PASSAGE, None): N_("Passage of a document"),
    (SegmentKind.QUESTION, None): N_("Question"),
    (SegmentKind.TEMPLATE, None): N_("The model's own format"),
}
_REASONS = {
    Reason.FORMAT: N_("Marks by which the model tells messages apart."),
    Reason.ALWAYS_FIRST: N_("Always first, the same for everybody."),
    Reason.SENT_BEFORE: N_("As it was sent before."),
    Reason.RELEVANT: N_("Found for the question."),
    Reason.BESIDE: N_("Stands next to a passage that was found."),
    Reason.FIRST_SENTENCES: N_("Only its first sentences fitted."),
    Reason.REPEATED: N_("Says the same as a better passage."),
    Reason.NO_ROOM: N_("No room was left."),
    Reason.ASKED_NOW: N_("Asked now."),
}
_HIDDEN_KINDS = (SegmentKind.INSTRUCTIONS, SegmentKind.PASSAGE)


@dataclass(frozen=True)
class Stretch:
    """A part of the bar and of its legend. x, width: of BAR_WIDTH."""

    name: str
    words: str
    tokens: int
    x: int
    width: int


@dataclass(frozen=True)
class Part:
    """A part of the prompt in words. is_hidden: it has words, which are not the reader's."""

    segment: SegmentView
    title: str
    reason: str
    is_hidden: bool

    @property
    def is_out(self) -> bool:
        """Nothing of it was sent."""
        return self.segment.outcome is Outcome.DROPPED

    @property
    def is_short(self) -> bool:
        """Only its beginning was sent."""
        return self.segment.outcome is Outcome.SHORTENED


@dataclass(frozen=True)
class Account:
    """An account ready to be shown."""

    context: ContextView
    bar: tuple[Stretch, ...]
    parts: tuple[Part, ...]


def shown_account(context: ContextView, language: Language) -> Account:
    """An account in the reader's language."""
    parts = tuple(_part(each, language) for each in context.segments)
    return Account(context, _bar(context, language), parts)


def _part(segment: SegmentView, language: Language) -> Part:
    title = _TITLES.get((segment.kind, segment.role), _KINDS[segment.kind])
    return Part(
        segment=segment,
        title=segment.filename or language.gettext(title),
        reason=language.gettext(_REASONS[segment.reason]),
        is_hidden=segment.text is None and segment.kind in _HIDDEN_KINDS,
    )


def _bar(context: ContextView, language: Language) -> tuple[Stretch, ...]:
    """The window by kind, in the order sent, then what stayed free."""
    used = {kind: _tokens(context.segments, kind) for kind in SegmentKind}
    rest = context.window_tokens - context.prompt_tokens - context.answer_tokens
    sizes: list[tuple[str, int]] = [(kind, used[kind]) for kind in SegmentKind]
    sizes += [(_ANSWER, context.answer_tokens), (_FREE, max(0, rest))]
    whole, before = max(1, sum(size for _, size in sizes)), 0
    bar: list[Stretch] = []
    for name, size in sizes:
        x, end = before * BAR_WIDTH // whole, (before + size) * BAR_WIDTH // whole
        if size:
            bar.append(Stretch(name, language.gettext(_KINDS[name]), size, x, end - x))
        before += size
    return tuple(bar)


def _tokens(segments: Sequence[SegmentView], kind: SegmentKind) -> int:
    return sum(each.tokens for each in segments if each.kind is kind)
