"""What the model of a turn was sent: kept without its texts, shown to those who may read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.chat import Annotation
from contracts.context import ContextView, Outcome, SegmentKind, SegmentView
from gateway.assistants.repository import ASSISTANTS
from gateway.caller import Caller
from gateway.conversations.repository.conversations import ConversationRepository
from gateway.conversations.repository.sources import TURNS
from gateway.conversations.repository.turns import TurnRepository
from gateway.conversations.service.conversations import own_conversation, readable_collections
from gateway.conversations.service.views import opens_sources
from gateway.conversations.tables import Conversation, Message, Turn, TurnContext
from gateway.db import Database, Transaction
from gateway.knowledge.repository.passages import PassageRepository
from gateway.knowledge.rules import LoadedPassage
from gateway.money import money
from gateway.planning.account import PromptPrice, Share, StoredSegment, shares, stored_segments
from gateway.planning.rules import Plan
from gateway.policy.loading import load, permitted
from gateway.policy.words import Action
from gateway.usage.repository import LedgerRepository
from gateway.usage.tables import LedgerEntry

SHOWN_CHARACTERS = 4_000
"""Of each part's text: an account is looked through, not archived."""


@dataclass(frozen=True)
class Shown:
    """What the reader of an account may see of what its parts were.

    names: all documents may be named, not only those that the answer cites. texts: message id ->
    what it says. passages: by id, those the reader may open.
    """

    names: bool
    instructions: str | None
    texts: Mapping[str, str]
    passages: Mapping[str, LoadedPassage]
    citations: Mapping[str, Annotation]
    question: str


class ContextService:
    """Shows a member the account of their turns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, caller: Caller, turn_id: str) -> ContextView:
        """The account of one turn. What is not the reader's to read has numbers, and no words."""
        async with self._database.transaction() as tx:
            turn = await load(tx, caller, Action.SEE, TURNS, turn_id)
            kept = await TurnRepository(tx).context(turn.id)
            if kept is None:
                return ContextView(turn_id=turn.id, is_kept=False)
            segments = [StoredSegment.model_validate(each) for each in kept.segments]
            charged = await LedgerRepository(tx).of_request(turn.id)
            shown = await _shown(tx, caller, turn, kept, segments)
        return _view(kept, segments, charged, shown)


def kept_context(turn_id: str, plan: Plan, is_at_home: bool) -> TurnContext:
    """The account of a plan as it is stored. Of another workspace's assistant it holds no word."""
    segments = stored_segments(plan)
    system = next((each for each in plan.segments if each.kind is SegmentKind.INSTRUCTIONS), None)
    if not is_at_home:
        segments = [each.model_copy(update={"filename": None, "page": None}) for each in segments]
    return TurnContext(
        turn_id=turn_id,
        window_tokens=plan.budget.window_tokens,
        answer_tokens=plan.budget.answer_tokens,
        instructions=_cut(system.text) if system is not None and is_at_home else None,
        segments=[each.model_dump(mode="json", exclude_none=True) for each in segments],
    )


async def _shown(
    tx: Transaction,
    caller: Caller,
    turn: Turn,
    kept: TurnContext,
    segments: Sequence[StoredSegment],
) -> Shown:
    conversations = ConversationRepository(tx)
    conversation = await own_conversation(tx, caller, turn.conversation_id)
    question, answer = await TurnRepository(tx).messages(turn.id)
    own = await permitted(tx, caller, Action.SEE, ASSISTANTS, [conversation.assistant_id])
    passage_ids = [each.passage_id for each in segments if each.passage_id]
    message_ids = [each.message_id for each in segments if each.message_id]
    return Shown(
        names=await _may_name(tx, caller, conversation),
        instructions=kept.instructions if own else None,
        texts=await conversations.contents(conversation.id, message_ids),
        passages=await PassageRepository(tx).readable(caller, passage_ids),
        citations=_citations(answer),
        question=question.content,
    )


async def _may_name(tx: Transaction, caller: Caller, conversation: Conversation) -> bool:
    partners = await ConversationRepository(tx).partners([conversation])
    readable = await readable_collections(tx, caller, partners.values())
    return opens_sources(conversation, partners[conversation.id], readable)


def _citations(answer: Message) -> dict[str, Annotation]:
    annotations = [Annotation.model_validate(each) for each in answer.annotations]
    return {each.file_citation.passage_id: each for each in annotations}


def _view(
    kept: TurnContext,
    segments: Sequence[StoredSegment],
    charged: LedgerEntry | None,
    shown: Shown,
) -> ContextView:
    view = ContextView(
        turn_id=kept.turn_id,
        is_kept=True,
        window_tokens=kept.window_tokens,
        answer_tokens=kept.answer_tokens,
        prompt_tokens=sum(each.tokens for each in segments),
        segments=[_segment_view(each, shown) for each in segments],
    )
    if charged is None:
        return view
    price = PromptPrice(
        charged.input_tokens,
        charged.cached_tokens,
        charged.price_input_pico,
        charged.price_cached_input_pico,
    )
    divided = shares([each.tokens for each in segments], price)
    paired = zip(view.segments, divided, strict=True)
    return view.model_copy(
        update={
            "model": charged.model,
            "prompt_tokens": charged.input_tokens,
            "cached_tokens": charged.cached_tokens,
            "output_tokens": charged.output_tokens,
            "is_estimated": charged.estimated,
            "prompt_cost": money(price.pico),
            "cost": money(int(charged.amount_pico)),
            "currency": charged.currency,
            "segments": [_with_share(segment, share) for segment, share in paired],
        }
    )


def _with_share(segment: SegmentView, share: Share) -> SegmentView:
    cost = None if segment.outcome is Outcome.DROPPED else money(share.pico)
    share_of = {"tokens": share.tokens, "cached_tokens": share.cached_tokens, "cost": cost}
    return segment.model_copy(update=share_of)


def _segment_view(stored: StoredSegment, shown: Shown) -> SegmentView:
    view = SegmentView(
        kind=stored.kind,
        outcome=stored.outcome,
        reason=stored.reason,
        tokens=stored.tokens,
        role=stored.role,
        message_id=stored.message_id,
        text=_text(stored, shown),
    )
    return view if stored.passage_id is None else _named(view, stored, shown)


def _named(view: SegmentView, stored: StoredSegment, shown: Shown) -> SegmentView:
    """A passage with its place, if its reader may know it: others are told that there was one."""
    passage_id = stored.passage_id or ""
    cited = shown.citations.get(passage_id)
    opened = shown.passages.get(passage_id)
    if not (shown.names or cited or opened):
        return view
    # Beside another workspace's assistant no name is stored; what is attached is named even so.
    known = cited.file_citation if cited else opened or stored
    return view.model_copy(
        update={
            "passage_id": passage_id,
            "filename": known.filename,
            "page": known.page,
            "document_version": stored.document_version,
            "start": stored.start,
            "end": stored.end,
            "cited_as": None if cited is None else cited.index,
        }
    )


def _text(stored: StoredSegment, shown: Shown) -> str | None:
    if stored.kind is SegmentKind.INSTRUCTIONS:
        return shown.instructions
    if stored.kind is SegmentKind.QUESTION:
        return _cut(shown.question)
    if stored.message_id is not None:
        return _cut(shown.texts.get(stored.message_id, "")) or None
    passage = shown.passages.get(stored.passage_id or "")
    if passage is None or stored.end is None:
        return None
    return _cut(passage.text[: max(0, stored.end - passage.start)])


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
