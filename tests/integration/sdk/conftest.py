"""One Stoa for all SDK tests: real app, PostgreSQL and retrieval; a simulated engine."""

from collections.abc import AsyncIterator, Iterator

import openai
import pytest

from gateway.settings import IdempotencyLimits
from inference.main import build_app as build_inference
from inference.settings import ScriptRule, SimulatorSettings
from inference.settings import Settings as InferenceSettings
from retrieval.main import build_app as build_retrieval
from tests.integration.sdk.places import HANDBOOK, Place, assistant_knowing
from tests.support.document_worker import working
from tests.support.engines import postgres_server
from tests.support.gateway import Databases, Person, gateway_settings, running_gateway
from tests.support.retrieval import retrieval_settings
from tests.support.serving import served

RULES = (
    ScriptRule(pattern="say nothing more", answer="One two three four five.", stall_at_token=2),
    ScriptRule(pattern="break off", answer="One two three four five.", fail_at_token=3),
    ScriptRule(pattern="refuse at once", answer="Never.", fail_at_token=0),
    ScriptRule(pattern="count to six", answer="one two three four five six"),
)
FRAGILE = (ScriptRule(pattern="go down", answer="Never.", die_at_token=0),)


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("sdk")
    with postgres_server() as postgres:
        settings = gateway_settings(
            Databases(postgres).fresh(),
            folder,
            default_model="simulator",
            idempotency=IdempotencyLimits(answer_bytes=8_000),
        )
        shared = settings.shared
        engines = (
            SimulatorSettings(kind="simulator", window_tokens=2_048, rules=RULES),
            SimulatorSettings(kind="simulator", model="fragile", rules=FRAGILE, dead_seconds=2.5),
            SimulatorSettings(kind="simulator", model="slow", tokens_per_second=3),
        )
        searching = retrieval_settings(folder).model_copy(update={"shared": shared})
        with (
            served(build_retrieval(searching)) as search,
            served(build_inference(InferenceSettings(engines=engines, shared=shared))) as engine,
            running_gateway(
                str(settings.database_url.get_secret_value()),
                folder,
                retrieval_url=search,
                inference_url=engine,
                settings=settings,
            ) as gateway,
            working(gateway, search, folder) as worker,
        ):
            yield Place(gateway, worker, search, engine, folder)


@pytest.fixture(scope="package")
def ada(place: Place) -> Person:
    """A member with a key of every scope."""
    return place.gateway.with_key(place.gateway.enrol("Ada"), "chat", "ingest", "read", "manage")


@pytest.fixture
def sdk(place: Place, ada: Person) -> Iterator[openai.OpenAI]:
    """The official SDK with Ada's key. Nothing is tried twice unless a test says so."""
    with openai.OpenAI(base_url=place.address, api_key=ada.token, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_sdk(place: Place, ada: Person) -> AsyncIterator[openai.AsyncOpenAI]:
    """Its asynchronous half."""
    async with openai.AsyncOpenAI(
        base_url=place.address, api_key=ada.token, max_retries=0
    ) as client:
        yield client


@pytest.fixture(scope="package")
def handbook(place: Place, ada: Person) -> str:
    """Ada's published assistant, which knows the staff handbook; its slug."""
    with openai.OpenAI(base_url=place.address, api_key=ada.token, max_retries=0) as client:
        return assistant_knowing(client, "Handbook", HANDBOOK)
