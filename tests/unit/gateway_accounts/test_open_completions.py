"""T09: answers that are being written end with the right to them, whatever carries them.

One table: what happens, and whose open answers end by it; all others go on.
"""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.accounts import Power
from gateway.settings import SessionLimits
from inference.main import build_app as build_inference
from inference.settings import ScriptRule, SimulatorSettings
from inference.settings import Settings as InferenceSettings
from runtime.outgoing import known_authorities
from tests.support.accounts import signed_in
from tests.support.gateway import (
    PASSWORD,
    Databases,
    Person,
    RunningGateway,
    changed,
    gateway_settings,
    running_gateway,
)
from tests.support.serving import served
from tests.support.waiting import wait_until
from web.main import build_app as build_web
from web.settings import Settings as WebSettings

WITHIN_SECONDS = 5.0
ASKING = {"messages": [{"role": "user", "content": "count"}]}
BY_SESSION = {"session", "session at its address", "session on a turn", "page"}
BY_KEY = {"key", "key at its address", "key on a turn", "key, unstreamed"}
BY_BOUND_KEY = {"bound key"}
ALL = BY_SESSION | BY_KEY | BY_BOUND_KEY

ENDS = {
    "sign-out": BY_SESSION,
    "sign-out elsewhere": BY_SESSION,
    "the session's end": BY_SESSION,
    "another password": BY_SESSION,
    "another role": BY_SESSION,
    "revocation": BY_KEY,
    "revocation of the bound key": BY_BOUND_KEY,
    "expiry": BY_KEY,
    "suspension": ALL,
    "removal": ALL,
    "deletion": ALL,
}
"""What happens -> the carriers whose answers end."""


@dataclass
class Heard:
    """An answer that a thread reads. lines: what came; over: nothing more will."""

    lines: list[str] = field(default_factory=list)
    status: int = 0
    over: float = 0.0

    def has_begun(self) -> bool:
        """The engine's words arrive."""
        return len(self.lines) > 2


@dataclass(frozen=True)
class Scene:
    """The gateway with an engine that writes for minutes, and web before it."""

    gateway: RunningGateway
    web: str
    owner: Person
    operator: Person
    assistant: dict[str, Any]


@pytest.fixture(scope="module")
def scene(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("open")
    settings = gateway_settings(
        databases.fresh(),
        folder,
        default_model="simulator",
        # So that nine streams on a busy machine are not late; test_sessions.py has the default.
        sessions=SessionLimits(check_seconds=1),
    )
    talk = ScriptRule(pattern="count", answer="one two three " * 400)
    engine = SimulatorSettings(kind="simulator", rules=(talk,), tokens_per_second=5, slots=200)
    inference = build_inference(InferenceSettings(engines=(engine,), shared=settings.shared))
    with (
        served(inference) as inference_url,
        running_gateway(
            settings.database_url.get_secret_value(),
            folder,
            inference_url=inference_url,
            settings=settings,
        ) as gateway,
        served(
            build_web(
                WebSettings(gateway_url=gateway.address, cookie_name="test", shared=settings.shared)
            )
        ) as web,
    ):
        owner, operator = gateway.enrol("Ada"), gateway.enrol("Olivia", is_operator=True)
        _, made = owner.post("/v1/assistants", {"name": "Atlas"})
        owner.post(f"/v1/assistants/{made['id']}/publish")
        yield Scene(gateway, web, owner, operator, made)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count()


@dataclass
class Reader:
    """Somebody with every carrier open."""

    scene: Scene
    name: str
    person: Person
    key: Person
    bound: Person
    conversation_id: str
    heard: dict[str, Heard]

    def tokens(self) -> dict[str, int]:
        """What a new call answers at once, by carrier."""
        slug = self.scene.assistant["slug"]
        here = f"/chat/{self.conversation_id}"
        page = httpx2.get(self.scene.web + here, headers=self.cookie(), timeout=30)
        is_sent_away = page.headers.get("location") == f"/login?next={here}"
        return {
            "session": self.person.get("/v1/models")[0],
            "key": self.key.get("/v1/models")[0],
            "bound key": self.bound.get(f"/a/{slug}/v1/models")[0],
            "page": 401 if is_sent_away else page.status_code,
        }

    def cookie(self) -> dict[str, str]:
        return {"cookie": f"test_session={self.person.token}", "accept": "text/html"}


def test_the_table_is_about_every_carrier() -> None:
    assert set().union(*ENDS.values()) == ALL


@pytest.mark.parametrize("what", ENDS)
def test_open_answers_end_with_the_right_to_them(
    scene: Scene, numbers: Iterator[int], what: str
) -> None:
    reader = reading(scene, f"Rhea{next(numbers)}")
    wait_until(
        lambda: all(each.has_begun() for name, each in reader.heard.items() if name in TALKING),
        seconds=30,
        what="every answer to begin",
    )
    HAPPENS[what](reader)
    begun = time.monotonic()
    at_once = reader.tokens()
    wait_until(
        lambda: all(reader.heard[name].over for name in ENDS[what]),
        seconds=15,
        what=f"{ENDS[what]} to end",
    )
    late = {name: reader.heard[name].over - begun for name in ENDS[what]}

    assert at_once == {name: 401 if name in ENDS[what] else 200 for name in at_once}
    assert {name: seconds for name, seconds in late.items() if seconds > WITHIN_SECONDS} == {}
    assert [name for name in ALL - ENDS[what] if reader.heard[name].over] == []
    for name in ENDS[what] - {"page"}:
        said = " ".join(reader.heard[name].lines[-3:])
        assert "not_signed_in" in said or "invalid_api_key" in said, (name, said)
    if "key, unstreamed" in ENDS[what]:
        assert reader.heard["key, unstreamed"].status == 401


TALKING = ALL - {"key, unstreamed"}


def reading(scene: Scene, name: str) -> Reader:
    """A member for whom every carrier is open."""
    person = scene.gateway.enrol(name, power=Power.MEMBER, beside=scene.owner)
    assistant = scene.assistant
    key = scene.gateway.with_key(person, "chat", "read")
    bound = scene.gateway.with_key(person, "chat", assistant_id=assistant["id"])
    _, talk = person.post("/v1/conversations", {"assistant_id": assistant["id"]})
    _, turn = person.post(f"/v1/conversations/{talk['id']}/turns", {"text": "count"})
    reader = Reader(scene, name, person, key, bound, talk["id"], {})
    own = f"/a/{assistant['slug']}/v1/chat/completions"
    asking = {"model": assistant["id"], **ASKING}
    events = f"/v1/turns/{turn['id']}/events"
    gateway = scene.gateway.address
    for carrier, who, path, body in (
        ("session", person, "/v1/chat/completions", asking | {"stream": True}),
        ("session at its address", person, own, ASKING | {"stream": True}),
        ("session on a turn", person, events, None),
        ("key", key, "/v1/chat/completions", asking | {"stream": True}),
        ("key at its address", key, own, ASKING | {"stream": True}),
        ("key on a turn", key, events, None),
        ("key, unstreamed", key, "/v1/chat/completions", asking),
        ("bound key", bound, own, ASKING | {"stream": True}),
    ):
        reader.heard[carrier] = listened(gateway + path, who.headers(), body)
    page = f"{scene.web}/chat/turns/{turn['id']}/events"
    reader.heard["page"] = listened(page, reader.cookie(), None)
    return reader


def listened(address: str, headers: dict[str, str], body: object) -> Heard:
    """An answer read beside the test."""
    heard = Heard()

    def read() -> None:
        try:
            with (
                httpx2.Client(timeout=60, verify=known_authorities()) as http,
                http.stream(
                    "GET" if body is None else "POST",
                    address,
                    headers=headers,
                    json=body,
                ) as answer,
            ):
                heard.status = answer.status_code
                heard.lines.extend(line for line in answer.iter_lines() if line)
        except httpx2.HTTPError as error:
            heard.lines.append(f"cut: {error}")
        heard.over = time.monotonic()

    threading.Thread(target=read, daemon=True).start()
    return heard


def _key_of(reader: Reader, *, is_bound: bool) -> str:
    keys = reader.person.get("/v1/keys")[1]["data"]
    return str(next(each["id"] for each in keys if bool(each["assistant_id"]) is is_bound))


def _now(reader: Reader, statement: str, **values: str) -> None:
    asyncio.run(changed(reader.scene.gateway.database_url, statement, **values))


def _elsewhere(reader: Reader) -> None:
    email = f"{reader.name.lower()}@example.org"
    signed_in(reader.scene.gateway.http, email, PASSWORD).delete("/v1/sessions")


def _member_path(reader: Reader) -> str:
    owner = reader.scene.owner
    return f"/v1/workspaces/{owner.workspace_id}/members/{reader.person.member_id}"


HAPPENS: dict[str, Callable[[Reader], object]] = {
    "sign-out": lambda reader: reader.person.delete("/v1/sessions/current"),
    "sign-out elsewhere": _elsewhere,
    "the session's end": lambda reader: _now(
        reader,
        "UPDATE sessions SET expires_at = now() WHERE member_id = :id",
        id=reader.person.member_id,
    ),
    "another password": lambda reader: reader.person.post(
        "/v1/me/password", {"old_password": PASSWORD, "password": "a walk under olive trees"}
    ),
    "another role": lambda reader: reader.scene.owner.patch(
        _member_path(reader), {"role": "admin"}
    ),
    "revocation": lambda reader: reader.person.delete(
        f"/v1/keys/{_key_of(reader, is_bound=False)}"
    ),
    "revocation of the bound key": lambda reader: reader.person.delete(
        f"/v1/keys/{_key_of(reader, is_bound=True)}"
    ),
    "expiry": lambda reader: _now(
        reader,
        "UPDATE keys SET expires_at = now() WHERE id = :id",
        id=_key_of(reader, is_bound=False),
    ),
    "suspension": lambda reader: reader.scene.operator.post(
        f"/v1/admin/members/{reader.person.member_id}/suspend"
    ),
    "removal": lambda reader: reader.scene.owner.delete(_member_path(reader)),
    "deletion": lambda reader: reader.person.post("/v1/me/delete", {"password": PASSWORD}),
}
