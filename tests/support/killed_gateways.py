"""A gateway killed with -9 while it answers, as often as wanted, before an engine with a ledger.

with killable(folder, database_url, redis_url) as place:
    place.kill_at_random(10)       # ten gateways, each after some chunks of its open answers
    place.wrong(), place.open_calls()
"""

import asyncio
import itertools
import json
import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2

from gateway.migrate import migrate
from inference.adapters.engine_simulator import SimulatedCall, SimulatorEngine
from inference.adapters.simulator_server import build_simulator_app
from inference.settings import ScriptRule, SimulatorSettings
from tests.support.gateway import found
from tests.support.processes import Five, prepared_five
from tests.support.serving import served
from tests.support.waiting import wait_until

STREAMS = 4
ANSWER = " ".join(f"word{number}" for number in range(60))
PRICE = {
    "currency": "USD",
    "input_per_million": "1",
    "cached_input_per_million": "1",
    "output_per_million": "2",
    "as_of": "2026-01-01",
}
SETTLED_SECONDS = 60
MOST_CHUNKS = 200
SHORTEST = 30
"""Words of a question: more than inference's own proofs have, which nobody pays."""


@dataclass
class Killable:
    """The gateway's process, and the engine it asks. Every question has a length of its own."""

    five: Five
    engine: SimulatorEngine
    lengths: Iterator[int] = field(default_factory=lambda: itertools.count(SHORTEST))

    @property
    def database_url(self) -> str:
        return self.five.environment["GATEWAY_DATABASE_URL"]

    def kill_after(self, chunks: int) -> None:
        """Start a gateway, open some answers, and kill it after so many chunks of all together."""
        self.five.start("gateway", "gateway")
        self.five.wait_ready("gateway")
        with self.five.session() as session:
            token = session.headers["authorization"]
        asyncio.run(self._asked(token, chunks))
        self.five.processes["gateway"].wait(30)

    def kill_at_random(self, points: int) -> None:
        """Kill so many gateways, each after another number of chunks; then let all be settled."""
        chance = random.Random(20_261_122)  # noqa: S311 - where to kill, no secret
        for _ in range(points):
            self.kill_after(chance.randrange(1, MOST_CHUNKS))
        self.let_the_last_be_settled()

    def leave_after_every(self, step: int) -> int:
        """Leave an answer after each step-th of its chunks, and see all settled; how many."""
        places = range(1, ANSWER.count(" ") + 1, step)
        with self.five.session() as session:
            token = session.headers["authorization"]
        asyncio.run(self._left(token, places))
        self._wait_until_settled()
        return len(places)

    def ask_at_once(self, carriers: Sequence[str], times: int) -> list[int]:
        """Ask as these carriers in turn, all at once; the statuses of the answers."""
        statuses = asyncio.run(self._answered(list(islice(itertools.cycle(carriers), times))))
        self._wait_until_settled()
        return statuses

    def calls(self) -> list[SimulatedCall]:
        """The engine's own ledger."""
        return [call for call in self.engine.calls if call.usage.input_tokens >= SHORTEST]

    def charged(self) -> dict[int, list[tuple[int, bool]]]:
        """Input tokens, different for every question -> output tokens of each row, estimated?"""
        rows: dict[int, list[tuple[int, bool]]] = {}
        query = "SELECT input_tokens, output_tokens, estimated FROM ledger"
        for input_tokens, output_tokens, estimated in asyncio.run(found(self.database_url, query)):
            rows.setdefault(int(input_tokens), []).append((int(output_tokens), bool(estimated)))
        return rows

    def open_calls(self) -> int:
        """How many calls still hold money."""
        return int(asyncio.run(found(self.database_url, "SELECT count(*) FROM reservations"))[0][0])

    def let_the_last_be_settled(self) -> None:
        """A gateway that nobody asks anything settles what the killed ones left."""
        self.five.start("gateway", "gateway")
        self.five.wait_ready("gateway")
        self._wait_until_settled()

    def wrong(self) -> list[str]:
        """What does not agree between the engine's ledger and ours."""
        charged, problems = self.charged(), []
        for call in self.calls():
            usage, rows = call.usage, charged.get(call.usage.input_tokens, [])
            if len(rows) != 1:
                problems.append(f"{usage}: {len(rows)} rows")
            elif not rows[0][1] and rows[0][0] != usage.output_tokens:
                problems.append(f"{usage}: charged {rows[0]}")
        return problems

    def _wait_until_settled(self) -> None:
        wait_until(
            lambda: self.open_calls() == 0, seconds=SETTLED_SECONDS, what="every call to be settled"
        )

    async def _left(self, token: str, places: Sequence[int]) -> None:
        async def leave(http: httpx2.AsyncClient, place: int) -> None:
            body = _question(next(self.lengths))
            async with http.stream("POST", "/v1/chat/completions", json=body) as answer:
                chunks = 0
                async for line in answer.aiter_lines():
                    chunks += bool(line)
                    if chunks > place:
                        return

        async with self._caller(token) as http, asyncio.TaskGroup() as group:
            for place in places:
                group.create_task(leave(http, place))

    async def _answered(self, carriers: Sequence[str]) -> list[int]:
        async def ask(carrier: str) -> int:
            body = _question(next(self.lengths)) | {"stream": False}
            async with self._caller(f"Bearer {carrier}") as http:
                return (await http.post("/v1/chat/completions", json=body)).status_code

        return await asyncio.gather(*(ask(carrier) for carrier in carriers))

    def _caller(self, authorization: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.five.address("gateway"),
            headers={"authorization": authorization},
            timeout=60,
            limits=httpx2.Limits(max_connections=64),
        )

    async def _asked(self, token: str, chunks: int) -> None:
        heard, is_enough = itertools.count(1), asyncio.Event()
        async with (
            self._caller(token) as http,
            asyncio.TaskGroup() as group,
        ):

            async def ask(words: int) -> None:
                try:
                    async with http.stream(
                        "POST", "/v1/chat/completions", json=_question(words)
                    ) as answer:
                        async for _ in answer.aiter_lines():
                            if next(heard) >= chunks:
                                is_enough.set()
                except httpx2.HTTPError:
                    return  # it was killed
                is_enough.set()

            for _ in range(STREAMS):
                group.create_task(ask(next(self.lengths)))
            await is_enough.wait()
            self.five.processes["gateway"].send_signal(signal.SIGKILL)


def _question(words: int) -> dict[str, Any]:
    content = "long " * words
    return {"model": "m", "stream": True, "messages": [{"role": "user", "content": content}]}


@contextmanager
def killable(folder: Path, database_url: str, redis_url: str) -> Iterator[Killable]:
    """The engine, inference and retrieval run; the gateway is started for each killing."""
    asyncio.run(migrate(database_url))
    engine = SimulatorEngine(
        SimulatorSettings(
            kind="simulator",
            model="m",
            slots=64,
            tokens_per_second=60,
            rules=(ScriptRule(pattern="long", answer=ANSWER),),
        )
    )
    with served(build_simulator_app(engine)) as engine_url:
        served_by: dict[str, Any] = {"kind": "openai", "model": "m", "url": engine_url}
        settings = {
            "INFERENCE_ENGINES": json.dumps([served_by | {"price": PRICE, "slots": 64}]),
            "GATEWAY_DEFAULT_MODEL": "m",
            "GATEWAY_LIMITS__REQUESTS_PER_MINUTE": "100000",
            "GATEWAY_LIMITS__TOKENS_PER_MINUTE": "10000000",
            "GATEWAY_LIMITS__WORKSPACE_REQUESTS_PER_MINUTE": "100000",
            "GATEWAY_LIMITS__WORKSPACE_TOKENS_PER_MINUTE": "10000000",
            "GATEWAY_MONEY__RENEW_SECONDS": "0.5",
            "GATEWAY_MONEY__ABANDONED_SECONDS": "15",
            "GATEWAY_MONEY__SWEEP_SECONDS": "0.5",
        }
        with prepared_five(folder, database_url, redis_url, **settings) as five:
            for name in ("inference", "retrieval"):
                five.start(name, name)
            five.wait_ready("inference", "retrieval")
            yield Killable(five, engine)
