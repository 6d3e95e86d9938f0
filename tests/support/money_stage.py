"""Web, the real gateway and a simulated engine, and people whose questions cost something.

with money_stage(database_url, folder, inference_url) as place:
    ada = place.enrol("Ada")
    place.ask(ada, place.assistant_of(ada), "What was a stoa?")   # the turn, written in the ledger
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from gateway.settings import ReconcilingLimits
from runtime.settings import SharedSettings
from tests.support.accounts_stage import aside
from tests.support.engines import free_port
from tests.support.gateway import (
    Person,
    RunningGateway,
    changed,
    found,
    gateway_settings,
    running_gateway,
)
from tests.support.inference import SECRET
from tests.support.serving import served
from tests.support.waiting import wait_until
from web.main import build_app
from web.settings import Settings

TWICE = (
    "INSERT INTO ledger SELECT (jsonb_populate_record(l, jsonb_build_object("
    "'id', l.id || 'x', 'request_id', l.request_id || 'x'))).*"
    " FROM ledger l WHERE l.request_id = :id"
)


@dataclass(frozen=True)
class MoneyStage:
    """The servers, and what people do on them without a browser."""

    base_url: str
    gateway: RunningGateway

    def enrol(self, name: str, **more: Any) -> Person:
        """A member, as the gateway's own tests make one."""
        return aside(partial(self.gateway.enrol, name, **more))

    def assistant_of(self, person: Person) -> str:
        """A published assistant for everybody of its builder's workspace; its id."""
        _, made = person.post("/v1/assistants", {"name": "The covered walk"})
        person.post(f"/v1/assistants/{made['id']}/publish")
        person.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "workspace"})
        assistant_id: str = made["id"]
        return assistant_id

    def ask(self, person: Person, assistant_id: str, question: str) -> str:
        """Ask and wait until the answer is charged; the turn's id."""
        _, talk = person.post("/v1/conversations", {"assistant_id": assistant_id})
        status, turn = person.post(f"/v1/conversations/{talk['id']}/turns", {"text": question})
        assert status == 201, turn
        wait_until(lambda: self._is_charged(turn["id"]), seconds=60, what="the answer's charge")
        turn_id: str = turn["id"]
        return turn_id

    def charge_twice(self, turn_id: str) -> None:
        """What no road through Stoa does: a second row of one answer."""
        aside(lambda: asyncio.run(changed(self.gateway.database_url, TWICE, id=turn_id)))

    def _is_charged(self, turn_id: str) -> bool:
        query = "SELECT 1 FROM ledger WHERE request_id = :id"
        rows = aside(lambda: asyncio.run(found(self.gateway.database_url, query, id=turn_id)))
        return bool(rows)


@contextmanager
def money_stage(database_url: str, folder: Path, inference_url: str) -> Iterator[MoneyStage]:
    """A fresh installation."""
    shared = SharedSettings(home=folder, service_secret=SecretStr(SECRET))
    settings = gateway_settings(
        database_url,
        folder,
        default_model="simulator",
        reconciling=ReconcilingLimits(hour_utc=None, looks=1, settle_seconds=0),
    ).model_copy(update={"shared": shared})
    with running_gateway(
        database_url, folder, inference_url=inference_url, settings=settings
    ) as gateway:
        own = Settings(gateway_url=gateway.address, cookie_name=f"test{free_port()}", shared=shared)
        with served(build_app(own)) as base_url:
            yield MoneyStage(base_url, gateway)
