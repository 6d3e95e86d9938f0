"""All processes, with a Celery worker of its own process, beside a web of one server."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx2
import pytest
from pydantic import SecretStr

from gateway.main import build_app as build_gateway
from gateway.migrate import migrate
from gateway.settings import AdminAccount, Settings
from inference.main import build_app as build_inference
from inference.settings import Settings as InferenceSettings
from inference.settings import SimulatorSettings
from runtime.settings import SharedSettings
from tests.integration.gateway_chat.places import Place, signed_in_member
from tests.integration.ingest.worker_process import Ingest
from tests.support.engines import postgres_server, valkey_server
from tests.support.gateway import GENEROUS
from tests.support.hostile_web import HostileWeb, hostile_web
from tests.support.retrieval import SECRET, running_retrieval
from tests.support.serving import served


@dataclass(frozen=True)
class At:
    """A process by its address."""

    address: str


@pytest.fixture(scope="package")
def web() -> Iterator[HostileWeb]:
    with hostile_web() as web:
        yield web


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory, web: HostileWeb) -> Iterator[Place]:
    """Everything there is, for all tests of this folder."""
    folder = tmp_path_factory.mktemp("place")
    with (
        postgres_server() as postgres,
        valkey_server() as valkey,
        running_retrieval(folder) as retrieval,
        served(build_inference(_inference_settings())) as inference,
    ):
        shared = SharedSettings.model_validate(
            {
                "redis_url": valkey.address(),
                "service_secret": SECRET,
                "home": folder,
                "outbound": web.policy(),
            }
        )
        settings = Settings(
            database_url=SecretStr(postgres.address()),
            blobs_url=f"file://{folder / 'blobs'}",
            retrieval_url=retrieval,
            inference_url=inference,
            default_model="simulator",
            limits=GENEROUS,
            admin=AdminAccount(email=None, password=None),
            shared=shared,
        )
        asyncio.run(migrate(postgres.address()))
        with served(build_gateway(settings)) as gateway:
            ingest = Ingest(valkey.address(), At(gateway), At(retrieval), folder)
            policy = web.policy().model_dump_json()
            with ingest.worker(STOA_SERVICE_SECRET=SECRET, STOA_OUTBOUND=policy):
                yield Place(gateway, retrieval, inference, postgres.address(), shared, settings)


def _inference_settings() -> InferenceSettings:
    engine = SimulatorSettings(kind="simulator", window_tokens=2_048)
    shared = SharedSettings(service_secret=SecretStr(SECRET))
    return InferenceSettings(engines=(engine,), shared=shared)


@pytest.fixture
def ada(place: Place) -> Iterator[httpx2.Client]:
    """A member with a workspace of her own."""
    with closing(signed_in_member(place, f"ada-{secrets.token_hex(4)}")) as client:
        yield client
