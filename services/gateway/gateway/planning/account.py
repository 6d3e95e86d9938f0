"""The account of a prompt: its parts as they are stored, and what each of them cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from pydantic import BaseModel

from contracts.context import Outcome, Reason, SegmentKind
from gateway.planning.rules import Plan, Segment


class StoredSegment(BaseModel):
    """A part without its text, which is looked up under the rights of whoever reads the account.

    start, end: what was sent of a passage, in code points of its document version.
    """

    kind: SegmentKind
    outcome: Outcome
    reason: Reason
    tokens: int
    role: Literal["user", "assistant"] | None = None
    message_id: str | None = None
    passage_id: str | None = None
    filename: str | None = None
    document_version: int | None = None
    page: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class PromptPrice:
    """What the engine counted of a prompt, and the price of its tokens then, in pico-units."""

    input_tokens: int
    cached_tokens: int
    input_pico: int
    cached_input_pico: int

    @property
    def pico(self) -> int:
        """What the prompt cost, exactly as the ledger has it."""
        fresh = self.input_tokens - self.cached_tokens
        return fresh * self.input_pico + self.cached_tokens * self.cached_input_pico


@dataclass(frozen=True)
class Share:
    """A part's share of the engine's count and of the price."""

    tokens: int
    cached_tokens: int
    pico: int


def stored_segments(plan: Plan) -> list[StoredSegment]:
    """The account of a plan, in the order sent."""
    template = StoredSegment(
        kind=SegmentKind.TEMPLATE,
        outcome=Outcome.KEPT,
        reason=Reason.FORMAT,
        tokens=plan.template_tokens,
    )
    return [template, *(_stored(segment) for segment in plan.segments)]


def _stored(segment: Segment) -> StoredSegment:
    stored = StoredSegment(
        kind=segment.kind, outcome=segment.outcome, reason=segment.reason, tokens=segment.tokens
    )
    if segment.message is not None:
        stored.role = "user" if segment.message.role == "user" else "assistant"
        stored.message_id = segment.message.message_id
    if (passage := segment.passage) is not None:
        stored.passage_id, stored.filename = passage.passage_id, passage.filename
        stored.document_version, stored.page = passage.document_version, passage.page
        stored.start, stored.end = passage.start, passage.end
    return stored


def shares(tokens: Sequence[int], price: PromptPrice) -> list[Share]:
    """The engine's count and the price, divided among parts in the order sent.

    The planner counts parts, the engine the whole: they differ by a few tokens, which all parts
    bear alike. What an engine has cached is always the beginning.
    """
    total = sum(tokens)
    if total == 0:
        return [Share(0, 0, 0) for _ in tokens]
    borders = [price.input_tokens * part // total for part in accumulate(tokens, initial=0)]
    return [_share(first, last, price) for first, last in pairwise(borders)]


def _share(first: int, last: int, price: PromptPrice) -> Share:
    cached = max(0, min(last, price.cached_tokens) - first)
    fresh = last - first - cached
    pico = fresh * price.input_pico + cached * price.cached_input_pico
    return Share(last - first, cached, pico)
