"""The composition root: every object the gateway is made of."""

from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from contracts.clients import inference, retrieval
from contracts.clients.inference import InferenceClient
from contracts.clients.jobs import SERVICE
from contracts.clients.retrieval import RetrievalClient
from gateway.account_wiring import AccountNeeds, wire_accounts
from gateway.accounts.service.claiming import ClaimService
from gateway.adapters.blobs_folder import FolderBlobs
from gateway.assistant_api.service.describing import DescriptionService
from gateway.assistant_api.service.files import AssistantFileService, Shelf
from gateway.assistants.service.assistants import AssistantService
from gateway.assistants.service.passing import PassingService
from gateway.audit.service.reading import AuditService
from gateway.audit.service.refusals import RefusalRecorder
from gateway.avatars.service import AvatarService
from gateway.blobs import Blobs
from gateway.budgets.service.setting import BudgetService
from gateway.building.service.searching import TestSearchService
from gateway.building.service.statistics import StatisticsService
from gateway.bundles.service.exporting import ExportService
from gateway.bundles.service.gpts import GptService
from gateway.bundles.service.importing import ImportService
from gateway.catalog.service.catalogue import Catalogue
from gateway.charges import Charges
from gateway.chat_wiring import ChatNeeds, wire_chat
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.doors.service.access import VisitAccess
from gateway.doors.service.erasing import GuestEraser
from gateway.engines.service import EngineService
from gateway.foundation import Foundation
from gateway.groups.service import GroupService
from gateway.guessing.service import Guesses
from gateway.idempotency.service import IdempotencyService
from gateway.in_force.service import SettingsInForce
from gateway.knowledge.service.collections import CollectionService
from gateway.knowledge.service.documents import DocumentService
from gateway.knowledge.service.file_batches import FileBatchService
from gateway.knowledge.service.files import FileService
from gateway.knowledge.service.job_list import JobListService
from gateway.knowledge.service.jobs import JobService
from gateway.knowledge.service.pages import PageService
from gateway.knowledge.service.pictures import PictureService
from gateway.knowledge.service.reading import PassageReader
from gateway.knowledge.service.reindexing import ReindexService
from gateway.knowledge.service.searching import CollectionSearchService
from gateway.knowledge.service.sharing import CollectionSharingService
from gateway.knowledge.service.surroundings import SurroundingsService
from gateway.knowledge.service.texts import TextService
from gateway.knowledge.service.upkeep import UpkeepService
from gateway.letters.service import LetterService
from gateway.measures import gauges
from gateway.members.service.roster import WorkspaceRoster
from gateway.outbox.service import Bell, OutboxRelay
from gateway.outside import Outside, mail_of, reach_outside
from gateway.passwords import Passwords
from gateway.price_wiring import InstallationModels
from gateway.prices.service.charging import SearchCharges
from gateway.prices.service.overlay import PriceList
from gateway.prices.service.prices import PriceService
from gateway.quotas.service import LimitBook, LimitService, QuotaService
from gateway.reconciling.correcting import CorrectingService
from gateway.reconciling.service import ReconcilingService
from gateway.reporting.service.collecting import UsageCollector
from gateway.reporting.service.entries import LedgerReader
from gateway.reporting.service.stats import StatsService
from gateway.reporting.service.usage import UsageReader
from gateway.reservations.service.reserving import ReservationService
from gateway.self_tests import self_tests
from gateway.settings import Settings
from gateway.shown_wiring import allowances_of, beside_store, wire_shown, wire_store
from gateway.versions.service.versions import VersionService
from runtime.background import Background
from runtime.health import SelfTests
from runtime.metrics import Gauges
from runtime.provide import Provided
from runtime.service_auth import ServiceTokens

_MOST_LETTERS = 100
_LETTERS_GRACE_SECONDS = 3


@asynccontextmanager
async def wire(
    settings: Settings,
    outside: AbstractAsyncContextManager[Outside] | None = None,
    passwords: Passwords | None = None,
    clock: Clock = utc_now,
) -> AsyncIterator[Provided]:
    """Open the stores, put the services on top, and let the relay run beside them."""
    async with AsyncExitStack() as closing:
        database = Database(settings.database_url.get_secret_value())
        closing.push_async_callback(database.close)
        reached = await closing.enter_async_context(outside or reach_outside(settings))
        background = background_of(closing)
        foundation = Foundation(settings, database, blobs_of(settings), Bell(), clock)
        tokens = ServiceTokens(settings.shared.service_key(), SERVICE)
        assistants = AssistantService(database, WorkspaceRoster(), clock)
        guesses = Guesses(reached.guess_windows, settings.guesses)
        letters = letters_of(settings, reached, closing)
        holders = AccountNeeds(foundation, passwords or Passwords(), assistants, guesses, letters)
        accounts = wire_accounts(holders)
        await accounts[ClaimService].ensure_operator(settings.admin)
        book = LimitBook(database, settings.limits)
        counting = Counting(tokens, background_of(closing), book)
        needs = chat_needs(foundation, reached, assistants, counting)
        chat = await closing.enter_async_context(wire_chat(settings, needs))
        relay = OutboxRelay(database, reached.sender, foundation.bell, clock)
        reconciling = reconciling_of(foundation, needs)
        shown = wire_shown(foundation, guesses, letters, needs)
        catalogue = Catalogue(database, clock)
        refusals = RefusalRecorder(database, settings.audit, clock)
        closing.push_async_callback(refusals.flush)
        beside = {
            "outbox relay": relay.run(),
            **periodically(foundation, needs, catalogue, reconciling, shown[GuestEraser]),
            "counted refusals": refusals.run(),
        }
        work_beside(closing, background, beside)
        yield {
            **accounts,
            **wire_knowledge(foundation, assistants, needs.charges),
            **chat,
            **shown,
            AssistantService: assistants,
            **wire_shared(foundation, needs, background),
            LimitService: LimitService(database, book, clock),
            OutboxRelay: relay,
            RefusalRecorder: refusals,
            ServiceTokens: tokens,
            **wire_watching(foundation, reached, reconciling),
            **wire_reading(foundation, needs, catalogue),
        }


def work_beside(
    closing: AsyncExitStack, background: Background, works: Mapping[str, Coroutine[Any, Any, None]]
) -> None:
    """Start what runs as long as the gateway does."""
    for name, work in works.items():
        closing.callback(background.start(work, name).cancel)


def periodically(
    foundation: Foundation,
    needs: ChatNeeds,
    catalogue: Catalogue,
    reconciling: ReconcilingService,
    guests: GuestEraser,
) -> dict[str, Coroutine[Any, Any, None]]:
    """What adds up in the background what single calls and ratings say, and forgets guests."""
    return {
        "usage": UsageCollector(foundation.database).run(),
        **beside_store(foundation, needs, catalogue),
        "reconciling": reconciling.run_nightly(),
        "guests": guests.run(),
    }


def background_of(closing: AsyncExitStack) -> Background:
    """Where work goes on beside requests, until all is closed that was opened after it.

    Search's charges have one of their own, before the chat's: answers that end with the process
    still leave their rows.
    """
    background = Background()
    closing.push_async_callback(background.close)
    return background


def reconciling_of(foundation: Foundation, needs: ChatNeeds) -> ReconcilingService:
    """What holds the ledger against the engines and the conversations."""
    limits = foundation.settings.reconciling
    return ReconcilingService(foundation.database, needs.inference, limits, foundation.clock)


def letters_of(settings: Settings, reached: Outside, closing: AsyncExitStack) -> LetterService:
    """What sends mail; at the end the last letters have a moment to leave."""
    posting = Background(limit=_MOST_LETTERS, grace_seconds=_LETTERS_GRACE_SECONDS)
    closing.push_async_callback(posting.close)
    return LetterService(reached.mail or mail_of(settings), settings.web_url, posting)


def wire_assistants(foundation: Foundation) -> Provided:
    """What builders do with assistants beside making and asking them."""
    database, clock, roster = foundation.database, foundation.clock, WorkspaceRoster()
    limits, bell = foundation.settings.knowledge, foundation.bell
    files = FileService(database, foundation.blobs, limits.file_bytes, bell, clock)
    return {
        AvatarService: AvatarService(database, bell, clock),
        PassingService: PassingService(database, roster, clock),
        ExportService: ExportService(database, foundation.blobs, limits.bundle_bytes, clock),
        ImportService: ImportService(database, files, limits, bell, clock),
        GptService: GptService(database, clock),
        VersionService: VersionService(database, roster, foundation.settings.default_model, clock),
    }


def wire_reading(foundation: Foundation, needs: ChatNeeds, catalogue: Catalogue) -> Provided:
    """What needs little but the stores."""
    return {
        **wire_reporting(foundation),
        **wire_people(foundation),
        **wire_assistants(foundation),
        **wire_store(foundation, catalogue, needs),
    }


def wire_people(foundation: Foundation) -> Provided:
    """Groups, what is shared with them, and the trail of what people did."""
    database, clock = foundation.database, foundation.clock
    return {
        AuditService: AuditService(database, foundation.settings.audit.kept_days, clock),
        GroupService: GroupService(database, WorkspaceRoster(), clock),
        CollectionSharingService: CollectionSharingService(database, WorkspaceRoster()),
    }


@dataclass(frozen=True)
class Counting:
    """What signs, charges and limits the calls of answering."""

    tokens: ServiceTokens
    charging: Background
    book: LimitBook


def chat_needs(
    foundation: Foundation, reached: Outside, assistants: AssistantService, counting: Counting
) -> ChatNeeds:
    """What answering stands on; other features use some of it too."""
    database, tokens = foundation.database, counting.tokens
    prices = PriceList(database, foundation.settings.search_prices, foundation.clock)
    reservations = ReservationService(database, foundation.settings.money.zone(), foundation.clock)
    return ChatNeeds(
        database=database,
        assistants=assistants,
        passages=PassageReader(database),
        reservations=reservations,
        prices=prices,
        charges=SearchCharges(prices, reservations, counting.charging),
        blobs=foundation.blobs,
        bell=foundation.bell,
        turn_stream=reached.turn_stream,
        inference=InferenceClient(reached.inference, partial(tokens.sign, inference.SERVICE)),
        retrieval=RetrievalClient(reached.retrieval, partial(tokens.sign, retrieval.SERVICE)),
        quotas=QuotaService(reached.rate_windows, counting.book),
        allowances=allowances_of(foundation),
        doors=VisitAccess(database, foundation.settings.guests, foundation.clock),
    )


def wire_shared(foundation: Foundation, needs: ChatNeeds, background: Background) -> Provided:
    """What answering uses and routes ask for as well, and what guards every POST."""
    database, limits = foundation.database, foundation.settings.idempotency
    return {
        EngineService: EngineService(needs.inference),
        SettingsInForce: SettingsInForce(foundation.settings),
        CorrectingService: CorrectingService(database, foundation.settings.money.zone()),
        BudgetService: BudgetService(database, foundation.settings.money.zone(), foundation.clock),
        PassageReader: needs.passages,
        QuotaService: needs.quotas,
        CollectionSearchService: CollectionSearchService(
            database, needs.retrieval, needs.passages, needs.charges
        ),
        TestSearchService: TestSearchService(
            database, needs.assistants, needs.retrieval, needs.passages, needs.charges
        ),
        StatisticsService: StatisticsService(
            database, foundation.settings.conversations.shows_unanswered, foundation.clock
        ),
        PriceService: PriceService(
            database,
            needs.prices,
            InstallationModels(needs.inference, needs.retrieval, needs.prices),
            foundation.clock,
        ),
        IdempotencyService: IdempotencyService(database, limits, background, foundation.clock),
    }


def wire_watching(
    foundation: Foundation, reached: Outside, reconciling: ReconcilingService
) -> Provided:
    """What operators and probes look at."""
    database = foundation.database
    return {
        Gauges: gauges(database, foundation.clock, reconciling),
        ReconcilingService: reconciling,
        SelfTests: self_tests(database, foundation.blobs, reached),
    }


def wire_reporting(foundation: Foundation) -> Provided:
    """What the ledger adds up to, and its rows."""
    database, clock = foundation.database, foundation.clock
    return {
        UsageReader: UsageReader(database, clock),
        LedgerReader: LedgerReader(database),
        StatsService: StatsService(database, clock),
    }


def blobs_of(settings: Settings) -> Blobs:
    """The blob store that the settings name."""
    bucket = settings.blobs_bucket()
    if bucket is None:
        return FolderBlobs(settings.blobs_folder())
    # Imported only when asked for: a laptop's start need not pay for it.
    from gateway.adapters.blobs_s3 import S3Blobs

    return S3Blobs(*bucket, settings.s3)


def wire_knowledge(
    foundation: Foundation, assistants: AssistantService, charges: Charges
) -> Provided:
    """Files, collections and documents, the jobs that read them, and one assistant's own files."""
    database, blobs, bell = foundation.database, foundation.blobs, foundation.bell
    limits, clock = foundation.settings.knowledge, foundation.clock
    files = FileService(database, blobs, limits.file_bytes, bell, clock)
    collections = CollectionService(database, bell, limits.unclaimed_seconds, clock)
    documents = DocumentService(database, bell, limits.unclaimed_seconds, clock)
    shelf = Shelf(assistants, files, collections, documents)
    return {
        FileService: files,
        CollectionService: collections,
        DocumentService: documents,
        PageService: PageService(database, blobs, foundation.settings, bell, clock),
        FileBatchService: FileBatchService(database, bell, limits.unclaimed_seconds, clock),
        AssistantFileService: AssistantFileService(database, shelf),
        DescriptionService: DescriptionService(assistants, foundation.settings.public_url),
        JobListService: JobListService(database),
        JobService: JobService(database, blobs, limits, bell, charges, clock),
        TextService: TextService(database, blobs, limits, clock),
        PictureService: PictureService(database, blobs, limits, clock),
        SurroundingsService: SurroundingsService(database, blobs),
        ReindexService: ReindexService(database),
        UpkeepService: UpkeepService(database, blobs, limits, bell, clock),
    }
