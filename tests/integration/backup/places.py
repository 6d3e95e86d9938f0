"""A whole installation without its processes: gateway and retrieval on loopback, a worker in hand.

Two of them may stand beside each other: the one that is backed up, and the empty one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import HttpUrl, SecretStr

from contracts.tasks import IngestDocument, PurgeVersion, ReindexVersion
from gateway.settings import AdminAccount, Settings
from inference.main import build_app as build_inference
from inference.settings import Settings as InferenceSettings
from inference.settings import SimulatorSettings
from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings, WorkLimits
from ingest.wiring import wire
from retrieval.main import build_app as build_retrieval
from retrieval.settings import HASHING
from retrieval.settings import Settings as RetrievalSettings
from runtime.settings import SharedSettings
from tests.support.gateway import (
    NOBODY,
    PASSWORD,
    SERVICE_SECRET,
    Person,
    RunningGateway,
    gateway_settings,
    running_gateway,
)
from tests.support.serving import served
from tests.support.waiting import wait_until

OPERATOR = "olivia@example.org"
QUESTION = "How many days of annual leave are there a year?"
HANDBOOK = (
    b"# Handbook\n\nAnnual leave is 25 days a year for full-time staff.\n\n"
    b"# Travel\n\nTravel expenses are repaid within 30 days when receipts are handed in.\n"
)


@dataclass
class Installation:
    """A gateway with its retrieval, and what stands in for the worker's process."""

    folder: Path
    gateway: RunningGateway
    worker: Pipeline
    _done: int = field(default=0)

    @property
    def settings(self) -> Settings:
        return self.gateway.settings

    def olivia(self) -> Person:
        """The operator, signed in with her password."""
        credentials = {"email": OPERATOR, "password": PASSWORD}
        session = self.gateway.http.post("/v1/sessions", json=credentials)
        assert session.status_code == 201, session.text
        member = session.json()["member"]
        return Person(
            self.gateway.http, session.json()["token"], member["id"], member["workspace"]["id"]
        )

    def work(self, tasks: int = 1) -> list[str]:
        """Do at least so many tasks, all that have been sent; their names."""
        sent = self.gateway.sender.sent
        wait_until(lambda: len(sent) >= self._done + tasks, seconds=20, what="the tasks")
        names = []
        for task in sent[self._done :]:
            self._done += 1
            names.append(task.name)
            version = task.payload.get("document_version_id", "")
            match task.name:
                case IngestDocument.name:
                    self.worker.ingest(version)
                case PurgeVersion.name:
                    self.worker.purge(version)
                case ReindexVersion.name:
                    self.worker.reindex(version)
        return names

    def add(self, person: Person, collection_id: str, name: str, content: bytes) -> str:
        """Put a document into a collection, not yet read; the id of its file."""
        _, file = person.upload(name, content)
        status, _ = person.post(f"/v1/vector_stores/{collection_id}/files", {"file_id": file["id"]})
        assert status == 200
        return str(file["id"])


def ask(person: Person, model: str) -> dict[str, Any]:
    """The message that answers the question."""
    asked = [{"role": "user", "content": QUESTION}]
    status, answer = person.post("/v1/chat/completions", {"model": model, "messages": asked})
    assert status == 200, answer
    return dict(answer["choices"][0]["message"])


def shared(folder: Path) -> SharedSettings:
    return SharedSettings(home=folder, service_secret=SecretStr(SERVICE_SECRET))


@contextmanager
def simulated_engine(folder: Path) -> Iterator[str]:
    engine = SimulatorSettings(kind="simulator", window_tokens=2_048)
    with served(
        build_inference(InferenceSettings(engines=(engine,), shared=shared(folder)))
    ) as url:
        yield url


def settings_for(database_url: str, folder: Path, **others: Any) -> Settings:
    operator = AdminAccount(email=OPERATOR, password=SecretStr(PASSWORD))
    return gateway_settings(
        database_url, folder, default_model="simulator", admin=operator, **others
    )


@contextmanager
def installation(
    database_url: str, folder: Path, inference_url: str, *, has_operator: bool = True
) -> Iterator[Installation]:
    """Everything running, on this database, in this folder."""
    index = RetrievalSettings(
        index_path=folder / "index",
        qdrant_url=None,
        embedding_path=HASHING,
        shared=shared(folder),
    )
    with served(build_retrieval(index)) as retrieval_url:
        settings = settings_for(database_url, folder, retrieval_url=retrieval_url)
        if not has_operator:
            nobody = AdminAccount(email=None, password=None)
            settings = settings.model_copy(update={"admin": nobody})
        with (
            running_gateway(
                database_url,
                folder,
                retrieval_url=retrieval_url,
                inference_url=inference_url,
                settings=settings,
            ) as gateway,
            wire(shared(folder), _worker(gateway.address, retrieval_url)) as worker,
        ):
            yield Installation(folder, gateway, worker)


def _worker(gateway_url: str, retrieval_url: str) -> IngestSettings:
    return IngestSettings(
        gateway_url=HttpUrl(gateway_url),
        retrieval_url=HttpUrl(retrieval_url),
        embedding_path=HASHING,
        limits=WorkLimits(patience_seconds=2, batch_passages=4),
    )


def stopped(database_url: str, folder: Path) -> Settings:
    """The settings of an installation none of whose processes runs."""
    return settings_for(database_url, folder, retrieval_url=NOBODY)
