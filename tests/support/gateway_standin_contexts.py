"""The accounts that the stand-in gateway gives: one of every kind of part."""

from typing import Any

from fastapi import APIRouter, Request

from contracts.context import ContextView, Outcome, Reason, SegmentKind, SegmentView
from contracts.conversations import TurnStatus, TurnView
from tests.support.gateway_standin import PASSAGE, Standin, not_found

LONG_NAME = "minutes-of-the-meeting-on-markets-and-covered-walks-of-the-year-1893.pdf"


def contexts_app() -> APIRouter:
    """The route, over the stand-in of the app it is put into."""
    router = APIRouter()
    router.add_api_route("/v1/turns/{turn_id}/context", read_context, methods=["GET"])
    return router


async def read_context(request: Request, turn_id: str) -> ContextView:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    if turn_id not in state.turns:
        raise not_found("turn")
    return context_of(state, state.turns[turn_id])


def context_of(state: Standin, turn: TurnView) -> ContextView:
    """What would have been sent; of an assistant of another workspace without words."""
    if turn.answer.status is TurnStatus.RUNNING or turn.answer.usage is None:
        return ContextView(turn_id=turn.id, is_kept=False)
    is_own = state.conversations[turn.conversation_id].opens_sources
    parts = _parts(turn) if is_own else [_wordless(each) for each in _parts(turn)]
    return ContextView(
        turn_id=turn.id,
        is_kept=True,
        model="qwen2.5-coder-0.5b-instruct",
        window_tokens=2_048,
        answer_tokens=512,
        prompt_tokens=1_184,
        cached_tokens=412,
        output_tokens=57,
        prompt_cost="0.0000592",
        cost="0.0000649",
        currency="USD",
        segments=parts,
    )


def _wordless(part: SegmentView) -> SegmentView:
    if part.kind is SegmentKind.INSTRUCTIONS:
        return part.model_copy(update={"text": None})
    if part.kind is not SegmentKind.PASSAGE:
        return part
    unknown = {} if part.cited_as else {"filename": None, "page": None, "passage_id": None}
    return part.model_copy(update={"text": None, **unknown})


def _passage(outcome: Outcome, reason: Reason, **more: Any) -> SegmentView:
    fields = {"passage_id": "psg_walk", "filename": "the-covered-walk.pdf", "page": 12}
    return SegmentView.model_validate(
        {"kind": SegmentKind.PASSAGE, "outcome": outcome, "reason": reason, "tokens": 0}
        | fields
        | more
    )


def _parts(turn: TurnView) -> list[SegmentView]:
    kept = {"outcome": Outcome.KEPT}
    return [
        SegmentView.model_validate(each | kept)
        for each in (
            {"kind": "template", "reason": "format", "tokens": 5, "cost": "0.00000025"},
            {"kind": "instructions", "reason": "always_first", "tokens": 86, "cost": "0.0000043",
             "text": "You know the buildings of the market. Answer in two sentences."},
            {"kind": "history", "reason": "sent_before", "tokens": 321, "cost": "0.00001605",
             "role": "user", "text": "What was a stoa?"},
            {"kind": "history", "reason": "sent_before", "tokens": 62, "cost": "0.0000031",
             "role": "assistant", "text": "A covered walk, open on one side."},
        )
    ] + [
        _passage(Outcome.KEPT, Reason.RELEVANT, tokens=290, cost="0.0000145", cited_as=1,
                 text=PASSAGE),
        _passage(Outcome.SHORTENED, Reason.FIRST_SENTENCES, tokens=244, cost="0.0000122",
                 filename=LONG_NAME, page=None, text=PASSAGE[:80]),
        _passage(Outcome.KEPT, Reason.BESIDE, tokens=160, cost="0.000008", page=13, text=PASSAGE),
        _passage(Outcome.DROPPED, Reason.REPEATED, filename="a-copy.pdf", page=3, text=PASSAGE),
        _passage(Outcome.DROPPED, Reason.NO_ROOM, filename="集市.docx", page=None, text="集市"),
        SegmentView(
            kind=SegmentKind.QUESTION,
            outcome=Outcome.KEPT,
            reason=Reason.ASKED_NOW,
            tokens=16,
            cost="0.0000008",
            text=turn.question.content,
        ),
    ]  # fmt: skip
