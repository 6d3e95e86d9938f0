"""Builds everything that answers questions: part of the gateway's composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from contracts.clients.inference import InferenceClient
from contracts.clients.retrieval import RetrievalClient
from gateway.answering.service.answers import AnsweringParts, AnsweringService
from gateway.answering.service.finding import PassageFinder
from gateway.answering.service.models import ServedModelList
from gateway.answering.service.rewriting import Rewriting
from gateway.answering.service.settling import Settling, SettlingParts
from gateway.assistants.service.assistants import AssistantService
from gateway.charges import Charges
from gateway.citations.service import CitationService
from gateway.conversations.service.contexts import ContextService
from gateway.conversations.service.conversations import ConversationService
from gateway.conversations.service.ending import ConversationSweeper
from gateway.conversations.service.exporting import TranscriptService
from gateway.conversations.service.folders import FolderService
from gateway.conversations.service.turns import TurnParts, TurnService
from gateway.conversations.service.writing import AnswerWriting, WritingParts
from gateway.db import Database
from gateway.knowledge.service.reading import PassageReader
from gateway.openai_api.service import CompletionService
from gateway.planning.service import PlanningService, TokenCounts
from gateway.prices.service.overlay import PriceList
from gateway.quotas.service import QuotaService
from gateway.reservations.service.keeping import ReservationKeeper, ReservationSweeper
from gateway.reservations.service.reserving import ReservationService
from gateway.settings import Settings
from gateway.turn_stream import TurnStream
from runtime.background import Background
from runtime.provide import Provided
from runtime.stopping import Stopping

_MOST_TURNS = 64


@dataclass(frozen=True)
class ChatNeeds:
    """What chat takes from the rest of the gateway."""

    database: Database
    assistants: AssistantService
    passages: PassageReader
    reservations: ReservationService
    inference: InferenceClient
    retrieval: RetrievalClient
    quotas: QuotaService
    turn_stream: TurnStream
    prices: PriceList
    charges: Charges


@asynccontextmanager
async def wire_chat(settings: Settings, needs: ChatNeeds) -> AsyncIterator[Provided]:
    """Completions, conversations and turns, over what the rest of the gateway built."""
    limits = settings.replies
    # Settling is not counted among the turns: it must always find room.
    settling = Background()
    # A turn ends by itself when the process must; this only bounds one that hangs.
    turns = Background(limit=_MOST_TURNS, grace_seconds=settings.shared.stop_seconds + 1)
    stopping = Stopping()
    stream = needs.turn_stream
    models = ServedModelList(needs.inference, settings.default_model, needs.prices)
    keeper = ReservationKeeper(needs.database, settings.money)
    settler = Settling(SettlingParts(needs.reservations, keeper, needs.quotas))
    tending = _tending(settings, needs, keeper)
    answering = AnsweringService(
        AnsweringParts(
            inference=needs.inference,
            finder=PassageFinder(
                needs.retrieval, needs.passages, needs.charges, limits.search_limit
            ),
            charges=needs.charges,
            rewriting=Rewriting(needs.inference, settler, settling, limits.rewrite_seconds),
            planning=PlanningService(TokenCounts(needs.inference)),
            citations=CitationService(needs.retrieval),
            settling=settler,
            background=settling,
            limits=limits,
            stopping=stopping,
        )
    )
    writing = AnswerWriting(WritingParts(needs.database, models, answering, stream, limits))
    turn_parts = TurnParts(
        needs.database, needs.assistants, needs.quotas, stream, writing, turns, limits
    )
    try:
        yield {
            CompletionService: CompletionService(
                needs.assistants, models, answering, needs.quotas, limits
            ),
            **_conversations(settings, needs),
            TurnService: TurnService(turn_parts),
            Stopping: stopping,
        }
    finally:
        await turns.close()
        await settling.close()
        await tending.close()


def _tending(settings: Settings, needs: ChatNeeds, keeper: ReservationKeeper) -> Background:
    """What goes on beside the answers until the gateway stops."""
    tending = Background(grace_seconds=0)
    tending.start(keeper.run(), name="reservations kept")
    sweeper = ReservationSweeper(needs.reservations, settings.money)
    tending.start(sweeper.run(), name="reservations swept")
    ended = ConversationSweeper(needs.database, needs.turn_stream, settings.conversations)
    tending.start(ended.run(), name="conversations erased")
    return tending


def _conversations(settings: Settings, needs: ChatNeeds) -> Provided:
    """What members do with conversations beside asking."""
    conversations = ConversationService(
        needs.database, needs.assistants, needs.turn_stream, settings.conversations
    )
    return {
        ConversationService: conversations,
        TranscriptService: TranscriptService(conversations),
        FolderService: FolderService(needs.database),
        ContextService: ContextService(needs.database),
    }
