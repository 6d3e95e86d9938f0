"""The composition root: every object the gateway is made of."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

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
from gateway.audit.service.reading import AuditService
from gateway.audit.service.refusals import RefusalRecorder
from gateway.blobs import Blobs
from gateway.chat_wiring import ChatNeeds, wire_chat
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.foundation import Foundation
from gateway.groups.service import GroupService
from gateway.guessing.service import Guesses
from gateway.idempotency.service import IdempotencyService
from gateway.knowledge.service.collections import CollectionService
from gateway.knowledge.service.documents import DocumentService
from gateway.knowledge.service.file_batches import FileBatchService
from gateway.knowledge.service.files import FileService
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
from gateway.quotas.service import QuotaService
from gateway.self_tests import self_tests
from gateway.settings import Settings
from gateway.usage.service import LedgerService
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
        background = Background()
        closing.push_async_callback(background.close)
        foundation = Foundation(settings, database, blobs_of(settings), Bell(), clock)
        tokens = ServiceTokens(settings.shared.service_key(), SERVICE)
        assistants = AssistantService(database, WorkspaceRoster(), settings.default_model, clock)
        guesses = Guesses(reached.guess_windows, settings.guesses)
        posting = Background(limit=_MOST_LETTERS, grace_seconds=_LETTERS_GRACE_SECONDS)
        closing.push_async_callback(posting.close)
        letters = LetterService(reached.mail or mail_of(settings), settings.web_url, posting)
        accounts = wire_accounts(
            AccountNeeds(foundation, passwords or Passwords(), assistants, guesses, letters)
        )
        await accounts[ClaimService].ensure_operator(settings.admin)
        needs = chat_needs(foundation, reached, tokens, assistants)
        chat = await closing.enter_async_context(wire_chat(settings, needs))
        relay = OutboxRelay(database, reached.sender, foundation.bell, clock)
        closing.callback(background.start(relay.run(), "outbox relay").cancel)
        refusals = RefusalRecorder(database, settings.audit, clock)
        closing.push_async_callback(refusals.flush)
        closing.callback(background.start(refusals.run(), "counted refusals").cancel)
        yield {
            **accounts,
            **wire_knowledge(foundation, assistants),
            **chat,
            AssistantService: assistants,
            **wire_shared(foundation, needs, background),
            OutboxRelay: relay,
            RefusalRecorder: refusals,
            AuditService: AuditService(database, settings.audit.kept_days, clock),
            ServiceTokens: tokens,
            **wire_watching(foundation, reached),
            GroupService: GroupService(database, WorkspaceRoster(), clock),
            CollectionSharingService: CollectionSharingService(database, WorkspaceRoster()),
        }


def chat_needs(
    foundation: Foundation, reached: Outside, tokens: ServiceTokens, assistants: AssistantService
) -> ChatNeeds:
    """What answering stands on; other features use some of it too."""
    database = foundation.database
    return ChatNeeds(
        database=database,
        assistants=assistants,
        passages=PassageReader(database),
        ledger=LedgerService(database),
        turn_stream=reached.turn_stream,
        inference=InferenceClient(reached.inference, partial(tokens.sign, inference.SERVICE)),
        retrieval=RetrievalClient(reached.retrieval, partial(tokens.sign, retrieval.SERVICE)),
        quotas=QuotaService(reached.rate_windows, foundation.settings.limits),
    )


def wire_shared(foundation: Foundation, needs: ChatNeeds, background: Background) -> Provided:
    """What answering uses and routes ask for as well, and what guards every POST."""
    database, limits = foundation.database, foundation.settings.idempotency
    return {
        LedgerService: needs.ledger,
        PassageReader: needs.passages,
        QuotaService: needs.quotas,
        CollectionSearchService: CollectionSearchService(database, needs.retrieval, needs.passages),
        IdempotencyService: IdempotencyService(database, limits, background, foundation.clock),
    }


def wire_watching(foundation: Foundation, reached: Outside) -> Provided:
    """What operators and probes look at."""
    database = foundation.database
    return {
        Gauges: gauges(database, foundation.clock),
        SelfTests: self_tests(database, foundation.blobs, reached),
    }


def blobs_of(settings: Settings) -> Blobs:
    """The blob store that the settings name."""
    bucket = settings.blobs_bucket()
    if bucket is None:
        return FolderBlobs(settings.blobs_folder())
    # Imported only when asked for: a laptop's start need not pay for it.
    from gateway.adapters.blobs_s3 import S3Blobs

    return S3Blobs(*bucket, settings.s3)


def wire_knowledge(foundation: Foundation, assistants: AssistantService) -> Provided:
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
        JobService: JobService(database, blobs, limits, bell, clock),
        TextService: TextService(database, blobs, limits, clock),
        PictureService: PictureService(database, blobs, limits, clock),
        SurroundingsService: SurroundingsService(database, blobs),
        ReindexService: ReindexService(database),
        UpkeepService: UpkeepService(database, blobs, limits, bell, clock),
    }
