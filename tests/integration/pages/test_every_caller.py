"""Forbidden addresses through every feature that fetches: no socket, whatever the way in.

A module that begins to use the outbound client fails here until it has a row of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr

from contracts.jobs import Stage
from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings, WorkLimits
from ingest.wiring import wire
from runtime.settings import SharedSettings
from tests.architecture.test_http_clients import imports
from tests.support.engines import postgres_server
from tests.support.forbidden_addresses import forbidden_urls, names_that_lead_inside
from tests.support.gateway import Databases, Person, gateway_settings, running_gateway
from tests.support.hostile_web import (
    PUBLIC,
    FakeResolver,
    HostileWeb,
    connections,
    hostile_web,
)
from tests.support.neighbours import SECRET, neighbours
from tests.support.waiting import wait_until

Fetches = Callable[[str], bool]
"""Gives an address to a feature; whether something was read."""


@dataclass(frozen=True)
class Surroundings:
    """What a caller is tried in."""

    web: HostileWeb
    resolver: FakeResolver
    folder: Path

    def shared(self) -> SharedSettings:
        return SharedSettings(
            home=self.folder, service_secret=SecretStr(SECRET), outbound=self.web.policy()
        )


@contextmanager
def pipeline_at(around: Surroundings, gateway: str, index: str) -> Iterator[Pipeline]:
    settings = IngestSettings(
        gateway_url=HttpUrl(gateway),
        retrieval_url=HttpUrl(index),
        limits=WorkLimits(patience_seconds=1),
    )
    with wire(around.shared(), settings, around.resolver) as pipeline:
        yield pipeline


@contextmanager
def a_page_into_a_collection(around: Surroundings) -> Iterator[Fetches]:
    """By the public API of the gateway, and then its worker."""
    with postgres_server() as postgres:
        url = Databases(postgres).fresh()
        settings = gateway_settings(url, around.folder)
        settings = settings.model_copy(update={"shared": around.shared()})
        with (
            running_gateway(url, around.folder, settings=settings) as gateway,
            neighbours() as (_, index),
            pipeline_at(around, gateway.address, index.address) as pipeline,
        ):
            ada = gateway.enrol("Ada")
            collection_id = ada.post("/v1/vector_stores", {"name": "Pages"})[1]["id"]
            done = 0

            def sent() -> list[str]:
                tasks = [task for task in gateway.sender.sent if task.name == "ingest.document"]
                return [task.payload["document_version_id"] for task in tasks[done:]]

            def fetches(address: str) -> bool:
                nonlocal done
                path = f"/v1/vector_stores/{collection_id}/urls"
                status, document = ada.post(path, {"url": address})
                if status != 202:
                    assert status in (400, 422), document
                    return False
                pipeline.ingest(wait_until(sent, seconds=20, what="the relay to send")[0])
                done += 1
                return _has_bytes(ada, document["id"])

            yield fetches


@contextmanager
def a_worker_without_the_gateways_check(around: Surroundings) -> Iterator[Fetches]:
    """The worker alone: it checks for itself, whatever a gateway let pass."""
    with (
        neighbours() as (gateway, index),
        pipeline_at(around, gateway.address, index.address) as pipeline,
    ):

        def fetches(address: str) -> bool:
            version = gateway.wish(address)
            pipeline.ingest(version)
            record = gateway.records[version]
            assert record.failure is None or record.stage is Stage.FAILED
            return record.page is not None

        yield fetches


def _has_bytes(ada: Person, file_id: str) -> bool:
    return bool(ada.get(f"/v1/files/{file_id}")[1]["bytes"])


CALLERS = {
    "ingest.pages": (a_page_into_a_collection, a_worker_without_the_gateways_check),
}
"""Module that uses the outbound client -> the ways into it."""

WAYS = [way for ways in CALLERS.values() for way in ways]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    with hostile_web() as web:
        resolver = FakeResolver({"public.example": [[PUBLIC]]})
        for url, answer in names_that_lead_inside(web.port).items():
            resolver.knows(url.split("/")[2].partition(":")[0], answer)
        yield Surroundings(web, resolver, tmp_path_factory.mktemp("around"))


@pytest.mark.parametrize("way", WAYS)
def test_no_forbidden_address_gets_a_socket(
    around: Surroundings, way: Callable[[Surroundings], AbstractContextManager[Fetches]]
) -> None:
    web = around.web
    urls = [*forbidden_urls(web.port), *names_that_lead_inside(web.port)]
    for number, url in enumerate(names_that_lead_inside(web.port)):
        web.redirect(f"/{number}", url, status=(301, 302, 303, 307, 308)[number % 5])
        urls.append(web.url(f"/{number}", "public.example"))
    web.page("/page", "<p>Low tide at six.</p>")
    with way(around) as fetches, connections() as opened:
        read = [url for url in urls if fetches(url)]
        is_public_read = fetches(web.url("/page", "public.example"))

    assert len(urls) >= 150
    assert (read, is_public_read) == ([], True)
    assert web.forbidden_connections == 0
    assert {address[0] for address in opened if isinstance(address, tuple)} == {"127.0.0.1"}
    assert set(around.resolver.asked) <= set(around.resolver.book)


def test_every_module_that_fetches_has_a_row() -> None:
    users = {
        module
        for module, names in imports().items()
        if not module.startswith("runtime.outbound.")
        and any(name.startswith("runtime.outbound.client") for name in names)
    }

    assert users == set(CALLERS)


def test_nobody_reaches_round_the_client() -> None:
    """Its inner modules open sockets too: they are its own."""
    inner = {"runtime.outbound.connecting", "runtime.outbound.bodies"}
    users = {
        module
        for module, names in imports().items()
        if not module.startswith("runtime.outbound.") and names & inner
    }

    assert users == set()
