"""Builds everything that answers questions: part of the gateway's composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from contracts.clients.inference import InferenceClient
from contracts.clients.retrieval import RetrievalClient
from gateway.allowances.service import AllowanceService
from gateway.answering.service.answers import AnsweringParts, AnsweringService
from gateway.answering.service.finding import PassageFinder
from gateway.answering.service.models import ServedModelList
from gateway.answering.service.rewriting import Rewriting
from gateway.answering.service.settling import Settling, SettlingParts
from gateway.assistants.service.assistants import AssistantService
from gateway.blobs import Blobs
from gateway.building.service.drafting import DraftingParts, DraftingService
from gateway.building.service.measuring import MeasuringService
from gateway.charges import Charges
from gateway.citations.service import CitationService
from gateway.clock import utc_now
from gateway.conversations.service.contexts import ContextService
from gateway.conversations.service.conversations import ConversationService
from gateway.conversations.service.ending import ConversationSweeper
from gateway.conversations.service.exporting import TranscriptService
from gateway.conversations.service.feedback import FeedbackService
from gateway.conversations.service.files import ConversationFileService, FileParts
from gateway.conversations.service.folders import FolderService
from gateway.conversations.service.guests import Doors
from gateway.conversations.service.turns import TurnParts, TurnService
from gateway.conversations.service.writing import AnswerWriting, WritingParts
from gateway.db import Database
from gateway.knowledge.service.reading import PassageReader
from gateway.openai_api.service import CompletionParts, CompletionService
from gateway.outbox.service import Bell
from gateway.planning.service import PlanningService, TokenCounts
from gateway.prices.service.overlay import PriceList
from gateway.quotas.service import QuotaService
from gateway.reservations.service.keeping import ReservationKeeper, ReservationSweeper
from gateway.reservations.service.reserving import ReservationService
from gateway.settings import ReplyLimits, Settings
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
    allowances: AllowanceService
    doors: Doors
    turn_stream: TurnStream
    prices: PriceList
    charges: Charges
    blobs: Blobs
    bell: Bell


def settling_of(settings: Settings, needs: ChatNeeds) -> tuple[Settling, Background]:
    """What holds money for calls, and what works beside them: it renews this process's
    reservations, ends those of processes that are gone, and erases conversations that are over."""
    keeper, tending = ReservationKeeper(needs.database, settings.money), Background(grace_seconds=0)
    tending.start(keeper.run(), name="reservations kept")
    sweeper = ReservationSweeper(needs.reservations, settings.money)
    tending.start(sweeper.run(), name="reservations swept")
    ended = ConversationSweeper(
        needs.database, needs.turn_stream, needs.blobs, needs.bell, settings.conversations
    )
    tending.start(ended.run(), name="conversations erased")
    return Settling(SettlingParts(needs.reservations, keeper, needs.quotas)), tending


def finder_of(needs: ChatNeeds, limits: ReplyLimits) -> PassageFinder:
    """What searches for a question."""
    return PassageFinder(needs.retrieval, needs.passages, needs.charges, limits.search_limit)


def turns_of(
    needs: ChatNeeds,
    models: ServedModelList,
    answering: AnsweringService,
    files: ConversationFileService,
    turns: Background,
    settings: Settings,
) -> TurnParts:
    """What turns work with, their writer among it."""
    stream, limits = needs.turn_stream, settings.replies
    writing = AnswerWriting(
        WritingParts(
            database=needs.database,
            models=models,
            answering=answering,
            stream=stream,
            files=files,
            limits=limits,
            doors=needs.doors,
            door_seconds=settings.guests.check_seconds,
        )
    )
    return TurnParts(
        database=needs.database,
        assistants=needs.assistants,
        quotas=needs.quotas,
        stream=stream,
        writing=writing,
        background=turns,
        allowances=needs.allowances,
        limits=limits,
    )


def completions_of(
    settings: Settings, needs: ChatNeeds, models: ServedModelList, answering: AnsweringService
) -> CompletionService:
    """What answers programs, and pages with publishable keys."""
    return CompletionService(
        CompletionParts(
            database=needs.database,
            assistants=needs.assistants,
            models=models,
            answering=answering,
            quotas=needs.quotas,
            allowances=needs.allowances,
            limits=settings.replies,
            shows_unanswered=settings.conversations.shows_unanswered,
        )
    )


def files_of(settings: Settings, needs: ChatNeeds) -> ConversationFileService:
    """What attaches files to conversations."""
    unclaimed = timedelta(seconds=settings.knowledge.unclaimed_seconds)
    return ConversationFileService(
        FileParts(needs.database, needs.blobs, needs.bell, unclaimed, settings.conversations)
    )


def for_builders(needs: ChatNeeds, parts: DraftingParts, counts: TokenCounts) -> Provided:
    """What helps to write a draft, by the models that answering uses."""
    measuring = MeasuringService(needs.assistants, parts.models, counts, parts.default_model)
    return {DraftingService: DraftingService(parts), MeasuringService: measuring}


def talking(settings: Settings, needs: ChatNeeds, files: ConversationFileService) -> Provided:
    """Conversations as they are kept; turns are made apart."""
    conversations = ConversationService(
        needs.database, needs.assistants, needs.turn_stream, settings.conversations
    )
    return {
        ConversationService: conversations,
        ConversationFileService: files,
        TranscriptService: TranscriptService(conversations, files),
        FeedbackService: FeedbackService(needs.database),
        FolderService: FolderService(needs.database),
        ContextService: ContextService(needs.database),
    }


@asynccontextmanager
async def wire_chat(settings: Settings, needs: ChatNeeds) -> AsyncIterator[Provided]:
    """Completions, conversations and turns, over what the rest of the gateway built."""
    limits = settings.replies
    # Settling is not counted among the turns: it must always find room.
    settling = Background()
    # A turn ends by itself when the process must; this only bounds one that hangs.
    turns = Background(limit=_MOST_TURNS, grace_seconds=settings.shared.stop_seconds + 1)
    stopping = Stopping()
    models = ServedModelList(needs.inference, settings.default_model, needs.prices)
    counts = TokenCounts(needs.inference)
    files = files_of(settings, needs)
    settler, tending = settling_of(settings, needs)
    answering = AnsweringService(
        AnsweringParts(
            inference=needs.inference,
            finder=finder_of(needs, limits),
            charges=needs.charges,
            rewriting=Rewriting(needs.inference, settler, settling, limits.rewrite_seconds),
            planning=PlanningService(counts),
            citations=CitationService(needs.retrieval),
            settling=settler,
            background=settling,
            limits=limits,
            stopping=stopping,
            today=lambda: utc_now().astimezone(settings.money.zone()).date(),
        )
    )
    drafting = DraftingParts(
        needs.inference, models, settler, needs.quotas, settling, limits, settings.default_model
    )
    try:
        yield {
            CompletionService: completions_of(settings, needs, models, answering),
            **talking(settings, needs, files),
            TurnService: TurnService(turns_of(needs, models, answering, files, turns, settings)),
            **for_builders(needs, drafting, counts),
            Stopping: stopping,
        }
    finally:
        await turns.close()
        await settling.close()
        await tending.close()
