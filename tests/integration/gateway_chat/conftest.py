"""A gateway on real PostgreSQL, Valkey and retrieval (hashing embedder); a simulated engine."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from gateway.main import build_app as build_gateway
from gateway.migrate import migrate
from gateway.settings import AdminAccount, GuestLimits, ReplyLimits, Settings
from inference.main import build_app as build_inference
from inference.settings import ScriptRule, SimulatorSettings
from inference.settings import Settings as InferenceSettings
from runtime.settings import SharedSettings
from tests.integration.gateway_chat.places import Place, Shelf, builder_of, signed_in_member
from tests.support.engines import postgres_server, valkey_server
from tests.support.gateway import GENEROUS
from tests.support.retrieval import SECRET, running_retrieval
from tests.support.serving import served

RULES = (
    ScriptRule(pattern="say nothing more", answer="One two three four five six.", stall_at_token=3),
    ScriptRule(pattern="break off", answer="One two three four five six.", fail_at_token=4),
    ScriptRule(pattern="moons of Jupiter", answer="The documents do not say. It has 95 moons."),
    ScriptRule(pattern="Last question: And fails in", answer="Never.", fail_at_token=0),
    ScriptRule(pattern="Last question: And rewriting h", answer="What about it", stall_at_token=2),
    ScriptRule(pattern="made of cheese", answer="The harbour is painted green. So is the mill."),
    ScriptRule(pattern="A guide to the harbour", answer="Harbour"),
    ScriptRule(pattern="refuse at once", answer="Never.", fail_at_token=0),
)


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Everything there is, for all tests of this folder."""
    folder = tmp_path_factory.mktemp("place")
    engines = SimulatorSettings(kind="simulator", window_tokens=2_048, rules=RULES)
    with (
        postgres_server() as postgres,
        valkey_server() as valkey,
        running_retrieval(folder) as retrieval,
        served(build_inference(_inference_settings(engines))) as inference,
    ):
        shared = _shared(valkey.address())
        settings = Settings(
            database_url=SecretStr(postgres.address()),
            blobs_url=f"file://{folder / 'blobs'}",
            retrieval_url=retrieval,
            inference_url=inference,
            default_model="simulator",
            limits=GENEROUS,
            guests=GuestLimits(admitted=True, address_answers_a_day=1_000),
            replies=ReplyLimits(no_reader_seconds=4, question_characters=8_000, rewrite_seconds=1),
            admin=AdminAccount(email=None, password=None),
            shared=shared,
        )
        asyncio.run(migrate(postgres.address()))
        with served(build_gateway(settings)) as gateway:
            address = postgres.address()
            blobs = folder / "blobs"
            yield Place(gateway, retrieval, inference, address, shared, settings, blobs)


def _shared(redis_url: str | None) -> SharedSettings:
    return SharedSettings.model_validate(
        {"redis_url": redis_url, "service_secret": SECRET, "home": Path("var")}
    )


def _inference_settings(engine: SimulatorSettings) -> InferenceSettings:
    return InferenceSettings(engines=(engine,), shared=_shared(None))


@pytest.fixture(scope="package")
def ada(place: Place) -> Iterator[httpx2.Client]:
    """A member with a workspace of her own."""
    with closing(signed_in_member(place, f"ada-{secrets.token_hex(4)}")) as client:
        yield client


@pytest.fixture
def bob(place: Place) -> Iterator[httpx2.Client]:
    """Another member, of another workspace, new for each test."""
    with closing(signed_in_member(place, f"bob-{secrets.token_hex(4)}")) as client:
        yield client


@pytest.fixture(scope="package")
def shelf_of_ada(place: Place, ada: httpx2.Client) -> Shelf:
    """Ada's collection, with the staff handbook on it."""
    return builder_of(place, ada)


@pytest.fixture(scope="package")
def assistant_of_ada(ada: httpx2.Client, shelf_of_ada: Shelf) -> str:
    """Ada's published assistant; its slug."""
    made = ada.post(
        "/v1/assistants",
        json={
            "name": "Handbook",
            "instructions": "You answer questions of staff.",
            "tool_resources": {"file_search": {"vector_store_ids": [shelf_of_ada.collection_id]}},
        },
    ).json()
    published = ada.post(f"/v1/assistants/{made['id']}/publish")
    assert published.status_code == 200, published.text
    slug: str = made["slug"]
    return slug


@pytest.fixture(scope="package")
def as_published(ada: httpx2.Client, assistant_of_ada: str) -> dict[str, Any]:
    """What no test may leave otherwise: those of this folder share the assistant."""
    return _state_of(ada, assistant_of_ada)


@pytest.fixture(autouse=True)
def _left_as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    if "assistant_of_ada" not in request.fixturenames:
        yield
        return
    before = request.getfixturevalue("as_published")
    person, assistant = map(request.getfixturevalue, ("ada", "assistant_of_ada"))
    yield
    assert _state_of(person, assistant) == before


def _state_of(person: httpx2.Client, assistant: str) -> dict[str, Any]:
    path = f"/v1/assistants/{assistant}"
    draft = person.get(path).raise_for_status().json()
    kept = ("name", "instructions", "tool_resources", "published_version")
    sharing = person.get(f"{path}/sharing").raise_for_status().json()
    return {"sharing": sharing} | {name: draft[name] for name in kept}
