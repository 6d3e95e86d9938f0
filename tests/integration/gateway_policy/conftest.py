"""A gateway on real PostgreSQL and retrieval, and an engine whose every prompt is heard."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.main import build_app as build_gateway
from gateway.migrate import migrate
from gateway.settings import AdminAccount, ReplyLimits, Settings
from inference.main import build_app as build_inference
from inference.settings import Settings as InferenceSettings
from inference.settings import SimulatorSettings
from runtime.settings import SharedSettings
from tests.integration.gateway_chat.places import Place, Shelf, put_on, signed_in_member
from tests.support.engines import postgres_server, valkey_server
from tests.support.gateway import GENEROUS
from tests.support.retrieval import SECRET, running_retrieval
from tests.support.serving import served


class Heard(list[str]):
    """What the engine was sent: all that a model which obeys every word could say back."""

    def since(self, number: int) -> str:
        """Everything after the first `number` prompts."""
        return "\n".join(self[number:])


class Listening:
    """Writes down the bodies that reach inference."""

    def __init__(self, app: ASGIApp, heard: Heard) -> None:
        self._app = app
        self._heard = heard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""

        async def listened() -> Message:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.request" and not message.get("more_body") and body:
                # Decoded, so that what is not ASCII can be looked for.
                self._heard.append(json.dumps(json.loads(body), ensure_ascii=False))
            return message

        await self._app(scope, listened, send)


@pytest.fixture(scope="package")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> Iterator[Place]:
    """Everything there is, for all tests of this folder."""
    folder = tmp_path_factory.mktemp("place")
    with (
        postgres_server() as postgres,
        valkey_server() as valkey,
        running_retrieval(folder) as retrieval,
        _listened_to(heard) as inference,
    ):
        shared = _shared(valkey.address())
        asyncio.run(migrate(postgres.address()))
        settings = Settings(
            database_url=SecretStr(postgres.address()),
            blobs_url=f"file://{folder / 'blobs'}",
            retrieval_url=retrieval,
            inference_url=inference,
            default_model="simulator",
            limits=GENEROUS,
            replies=ReplyLimits(no_reader_seconds=4, question_characters=8_000),
            admin=AdminAccount(email=None, password=None),
            shared=shared,
        )
        with served(build_gateway(settings)) as gateway:
            yield Place(gateway, retrieval, inference, postgres.address(), shared, settings)


@contextmanager
def _listened_to(heard: Heard) -> Iterator[str]:
    engine = SimulatorSettings(kind="simulator", window_tokens=2_048)
    app = build_inference(InferenceSettings(engines=(engine,), shared=_shared(None)))
    app.add_middleware(Listening, heard=heard)
    with served(app) as address:
        yield address


def _shared(redis_url: str | None) -> SharedSettings:
    return SharedSettings.model_validate(
        {"redis_url": redis_url, "service_secret": SECRET, "home": Path("var")}
    )


@pytest.fixture
def ada(place: Place) -> Iterator[httpx2.Client]:
    """The owner of a workspace."""
    with closing(signed_in_member(place, f"ada-{secrets.token_hex(4)}")) as client:
        yield client


@pytest.fixture
def bea(place: Place, ada: httpx2.Client) -> Iterator[httpx2.Client]:
    """A member of Ada's workspace."""
    with closing(beside(place, ada, "bea")) as client:
        yield client


@pytest.fixture
def bob(place: Place) -> Iterator[httpx2.Client]:
    """The owner of another workspace."""
    with closing(signed_in_member(place, f"bob-{secrets.token_hex(4)}")) as client:
        yield client


def beside(place: Place, person: httpx2.Client, name: str) -> httpx2.Client:
    """Somebody who works as a member in a person's workspace."""
    client = signed_in_member(place, f"{name}-{secrets.token_hex(4)}")
    member_id, here = client.get("/v1/me").json()["id"], workspace_of(person)
    place.rows(
        "INSERT INTO memberships (workspace_id, member_id, power) VALUES (:here, :who, 'member')",
        here=here,
        who=member_id,
    )
    place.rows(
        "UPDATE sessions SET workspace_id = :here WHERE member_id = :who", here=here, who=member_id
    )
    return client


def workspace_of(person: httpx2.Client) -> str:
    found: str = person.get("/v1/me").json()["workspace"]["id"]
    return found


def shelf_of(place: Place, person: httpx2.Client, *passages: str) -> Shelf:
    """A collection of a person's with one document."""
    made = person.post("/v1/vector_stores", json={"name": "Rules"}).json()
    shelf = Shelf(made["id"], workspace_of(person))
    put_on(place, person, shelf, "rules.md", passages)
    return shelf


def assistant_on(person: httpx2.Client, *shelves: Shelf, instructions: str = "Answer.") -> str:
    """A published assistant that reads these; its id."""
    reading = {"file_search": {"vector_store_ids": [shelf.collection_id for shelf in shelves]}}
    body = {"name": "Atlas", "instructions": instructions, "tool_resources": reading}
    made = person.post("/v1/assistants", json=body)
    assert made.status_code == 200, made.text
    assistant_id: str = made.json()["id"]
    published = person.post(f"/v1/assistants/{assistant_id}/publish")
    assert published.status_code == 200, published.text
    return assistant_id


def share(person: httpx2.Client, path: str, visibility: str, **grantees: object) -> None:
    answer = person.put(f"/v1/{path}/sharing", json={"visibility": visibility, **grantees})
    assert answer.status_code == 200, answer.text


def to(person: httpx2.Client, *powers: str) -> list[dict[str, object]]:
    return [{"id": person.get("/v1/me").json()["id"], "powers": list(powers)}]


def asked(person: httpx2.Client, assistant_id: str, question: str) -> tuple[str, str]:
    """What an assistant says, and what that rests on."""
    body = {"model": assistant_id, "messages": [{"role": "user", "content": question}]}
    answer = person.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    return said["choices"][0]["message"]["content"], said["stoa"]["grounding"]
