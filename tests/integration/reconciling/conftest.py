"""A gateway whose engine is a simulator behind a server: a test can make its counters lie."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import HttpUrl, SecretStr

from contracts.reconciling import ReconciledEngine, ReconciliationView
from gateway.main import build_app as build_gateway
from gateway.migrate import migrate
from gateway.settings import AdminAccount, ReconcilingLimits, ReplyLimits, Settings
from inference.adapters.engine_simulator import SimulatorEngine
from inference.adapters.simulator_server import build_simulator_app
from inference.main import build_app as build_inference
from inference.settings import OpenAiSettings, ScriptRule, SimulatorSettings
from inference.settings import Settings as InferenceSettings
from inference.wiring import SIMULATOR_PRICE
from runtime.settings import SharedSettings
from tests.integration.gateway_chat.places import Place, Shelf, builder_of, signed_in_member
from tests.support.engines import postgres_server, valkey_server
from tests.support.gateway import GENEROUS
from tests.support.retrieval import SECRET, running_retrieval
from tests.support.serving import served

WINDOW_TOKENS = 2_048
RULES = (
    ScriptRule(pattern="say nothing more", answer="One two three four five six.", stall_at_token=3),
    ScriptRule(pattern="break off", answer="One two three four five six.", fail_at_token=4),
    ScriptRule(pattern="tell slowly", answer="And so the story goes on. " * 20),
)


@dataclass(frozen=True)
class Books:
    """The place, its engine as it is, and an operator who looks into the books."""

    place: Place
    engine: SimulatorEngine
    operator: httpx2.Client

    def reconciled(self) -> ReconciliationView:
        """What a reconciliation says now."""
        answer = self.operator.post("/v1/admin/reconciliations")
        assert answer.status_code == 201, answer.text
        return ReconciliationView.model_validate(answer.json())

    def of_engine(self) -> ReconciledEngine:
        """What it says of the one engine."""
        (engine,) = self.reconciled().engines
        return engine

    def rows(self, query: str, **values: Any) -> Any:
        return self.place.rows(query, **values)


@pytest.fixture(scope="package")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Everything there is, for all tests of this folder."""
    folder = tmp_path_factory.mktemp("books")
    engine = SimulatorEngine(
        SimulatorSettings(
            kind="simulator", window_tokens=WINDOW_TOKENS, rules=RULES, tokens_per_second=500
        )
    )
    with (
        postgres_server() as postgres,
        valkey_server() as valkey,
        running_retrieval(folder) as retrieval,
        served(build_simulator_app(engine)) as server,
        served(build_inference(_inference_settings(server))) as inference,
    ):
        asyncio.run(migrate(postgres.address()))
        shared = _shared(valkey.address())
        settings = Settings(
            database_url=SecretStr(postgres.address()),
            blobs_url=f"file://{folder / 'blobs'}",
            retrieval_url=retrieval,
            inference_url=inference,
            default_model="simulator",
            limits=GENEROUS,
            replies=ReplyLimits(no_reader_seconds=30, rewrite_seconds=30),
            # Others may want the processor: a look that comes too early is one of many.
            # Nor does a night's look come between two of a test.
            reconciling=ReconcilingLimits(
                hour_utc=None, looks=20, look_seconds=0.1, settle_seconds=0
            ),
            admin=AdminAccount(email=None, password=None),
            shared=shared,
        )
        with served(build_gateway(settings)) as gateway:
            address = postgres.address()
            place = Place(
                gateway, retrieval, inference, address, shared, settings, folder / "blobs"
            )
            with closing(signed_in_member(place, "operator")) as operator:
                place.rows("UPDATE members SET is_operator = true WHERE id = 'mem_operator'")
                yield Books(place, engine, operator)


def _shared(redis_url: str | None) -> SharedSettings:
    return SharedSettings.model_validate(
        {"redis_url": redis_url, "service_secret": SECRET, "home": Path("var")}
    )


def _inference_settings(server: str) -> InferenceSettings:
    engine = OpenAiSettings(
        kind="openai",
        model="simulator",
        url=HttpUrl(f"{server}/v1"),
        window_tokens=WINDOW_TOKENS,
        price=SIMULATOR_PRICE,
    )
    return InferenceSettings(engines=(engine,), shared=_shared(None))


@pytest.fixture(scope="package")
def ada(books: Books) -> Iterator[httpx2.Client]:
    """A member with a workspace of her own."""
    with closing(signed_in_member(books.place, f"ada-{secrets.token_hex(4)}")) as client:
        yield client


@pytest.fixture(scope="package")
def shelf_of_ada(books: Books, ada: httpx2.Client) -> Shelf:
    """Ada's collection, with the staff handbook on it."""
    return builder_of(books.place, ada)


@pytest.fixture(scope="package")
def assistant_of_ada(ada: httpx2.Client, shelf_of_ada: Shelf) -> str:
    """Ada's published assistant; its slug."""
    made = ada.post(
        "/v1/assistants",
        json={
            "name": "Handbook",
            "instructions": "You answer questions of staff.",
            "grounding_mode": "documents_first",
            "tool_resources": {"file_search": {"vector_store_ids": [shelf_of_ada.collection_id]}},
        },
    ).json()
    published = ada.post(f"/v1/assistants/{made['id']}/publish")
    assert published.status_code == 200, published.text
    slug: str = made["slug"]
    return slug
