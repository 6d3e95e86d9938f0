"""The composition root: every object the gateway is made of."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from contracts.clients import inference, retrieval
from contracts.clients.inference import InferenceClient
from contracts.clients.jobs import SERVICE
from contracts.clients.retrieval import RetrievalClient
from gateway.accounts.service.access import AccessService
from gateway.accounts.service.claiming import ClaimService
from gateway.accounts.service.keys import KeyService
from gateway.accounts.service.sessions import SessionService
from gateway.adapters.blobs_folder import FolderBlobs
from gateway.assistants.service import AssistantService
from gateway.chat_wiring import ChatNeeds, wire_chat
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.service.collections import CollectionService
from gateway.knowledge.service.documents import DocumentService
from gateway.knowledge.service.files import FileService
from gateway.knowledge.service.jobs import JobService
from gateway.knowledge.service.reading import PassageReader
from gateway.knowledge.service.texts import TextService
from gateway.knowledge.service.upkeep import UpkeepService
from gateway.outbox.service import Bell, OutboxRelay
from gateway.outside import Outside, reach_outside
from gateway.passwords import Passwords
from gateway.self_tests import self_tests
from gateway.settings import Settings
from gateway.signed_in import Doorkeeper
from gateway.usage.service import LedgerService
from runtime.background import Background
from runtime.health import SelfTests
from runtime.provide import Provided
from runtime.service_auth import ServiceTokens


@dataclass(frozen=True)
class Foundation:
    """What every feature stands on."""

    settings: Settings
    database: Database
    blobs: FolderBlobs
    bell: Bell
    clock: Clock


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
        blobs = FolderBlobs(settings.blobs_folder())
        foundation = Foundation(settings, database, blobs, Bell(), clock)
        tokens = ServiceTokens(settings.shared.service_key(), SERVICE)
        accounts = wire_accounts(foundation, passwords or Passwords())
        await accounts[ClaimService].ensure_operator(settings.admin)
        assistants = AssistantService(database, settings.default_model, clock)
        ledger, passages = LedgerService(database), PassageReader(database)
        needs = ChatNeeds(
            database=database,
            assistants=assistants,
            passages=passages,
            ledger=ledger,
            turn_stream=reached.turn_stream,
            inference=InferenceClient(reached.inference, partial(tokens.sign, inference.SERVICE)),
            retrieval=RetrievalClient(reached.retrieval, partial(tokens.sign, retrieval.SERVICE)),
        )
        chat = await closing.enter_async_context(wire_chat(settings, needs))
        relay = OutboxRelay(database, reached.sender, foundation.bell, clock)
        relaying = background.start(relay.run(), "outbox relay")
        closing.callback(relaying.cancel)
        yield {
            **accounts,
            **wire_knowledge(foundation),
            **chat,
            AssistantService: assistants,
            LedgerService: ledger,
            PassageReader: passages,
            OutboxRelay: relay,
            ServiceTokens: tokens,
            SelfTests: self_tests(database, blobs, reached),
        }


def wire_accounts(foundation: Foundation, passwords: Passwords) -> Provided:
    """Members, sessions, keys, and the doorkeeper that asks for them at each call."""
    database, clock = foundation.database, foundation.clock
    sessions = SessionService(database, passwords, foundation.settings.sessions.days, clock)
    return {
        Doorkeeper: Doorkeeper(AccessService(database, clock).identify),
        SessionService: sessions,
        ClaimService: ClaimService(database, passwords, sessions, clock),
        KeyService: KeyService(database, clock),
    }


def wire_knowledge(foundation: Foundation) -> Provided:
    """Files, collections and documents, and the jobs that read them."""
    database, blobs, bell = foundation.database, foundation.blobs, foundation.bell
    limits, clock = foundation.settings.knowledge, foundation.clock
    return {
        FileService: FileService(database, blobs, limits.file_bytes, bell, clock),
        CollectionService: CollectionService(database, bell, limits.unclaimed_seconds, clock),
        DocumentService: DocumentService(database, bell, limits.unclaimed_seconds, clock),
        JobService: JobService(database, blobs, limits, bell, clock),
        TextService: TextService(database, blobs, limits, clock),
        UpkeepService: UpkeepService(database, blobs, limits, bell, clock),
    }
