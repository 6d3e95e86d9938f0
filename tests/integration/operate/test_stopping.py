"""SIGTERM while answers are being written: they end well or are told so, and every one is paid."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from gateway.migrate import migrate
from laptop.valkey import ValkeyServer
from tests.support.gateway import Databases, found
from tests.support.processes import Five, prepared_five

STREAMS = 10
GRACE_SECONDS = 4
LAST_WORDS_SECONDS = 2
BUSY_MACHINE_SECONDS = 30
WORDS = [f"word{number}" for number in range(400)]


@dataclass(frozen=True)
class Ended:
    """A gateway that was told to end while it answered."""

    completions: list[list[str]]
    turn: list[str]
    status: int
    seconds: float
    charged: list[tuple[str, int]]
    log: str


@pytest.fixture(scope="module")
def paced(
    databases: Databases, valkey: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Five]:
    """An engine that writes twelve tokens a second, and what a gateway needs beside it."""
    engine = {
        "kind": "simulator",
        "slots": STREAMS + 1,
        "tokens_per_second": 12,
        "rules": [
            {"pattern": "short", "answer": " ".join(WORDS[:12])},
            {"pattern": "long", "answer": " ".join(WORDS)},
        ],
    }
    settings = {
        "INFERENCE_ENGINES": json.dumps([engine]),
        "STOA_STOP_SECONDS": str(GRACE_SECONDS),
        "GATEWAY_LIMITS__TOKENS_PER_MINUTE": "10000000",
        "GATEWAY_LIMITS__WORKSPACE_TOKENS_PER_MINUTE": "10000000",
        "GATEWAY_LIMITS__ADDRESS_TOKENS_PER_MINUTE": "10000000",
    }
    folder, database_url = tmp_path_factory.mktemp("paced"), databases.empty()
    asyncio.run(migrate(database_url))
    with prepared_five(folder, database_url, valkey.address(database=3), **settings) as five:
        for name in ("inference", "retrieval"):
            five.start(name, name)
        yield five


@pytest.fixture(scope="module")
def in_time(paced: Five) -> Ended:
    return _ended(paced, "a short one")


@pytest.fixture(scope="module")
def too_late(paced: Five) -> Ended:
    return _ended(paced, "a long one")


def _ended(five: Five, question: str) -> Ended:
    five.start("gateway", "gateway")
    five.wait_ready("inference", "retrieval", "gateway")
    database_url = five.environment["GATEWAY_DATABASE_URL"]
    charged_before = asyncio.run(found(database_url, "SELECT count(*) FROM ledger"))[0][0]
    with five.session() as session:
        token, assistant_id = session.headers["authorization"], _assistant(session)
    asking = Asking(five, token, assistant_id, question)
    completions, turn, told_at = asyncio.run(asking.until_told())
    status = five.processes["gateway"].wait(30)
    seconds = time.monotonic() - told_at
    query = f"SELECT status, output_tokens FROM ledger ORDER BY id OFFSET {charged_before}"  # noqa: S608  # a count
    rows = asyncio.run(found(database_url, query))
    charged = [(str(row[0]), int(row[1])) for row in rows]
    return Ended(completions, turn, status, seconds, charged, five.log("gateway"))


def _assistant(session: httpx2.Client) -> str:
    made = session.post("/v1/assistants", json={"name": "Harbour"}).json()
    assert session.post(f"/v1/assistants/{made['id']}/publish").is_success
    return str(made["id"])


class Asking:
    """Ten streams of completions and a turn of the web chat; then the signal."""

    def __init__(self, five: Five, token: str, assistant_id: str, question: str) -> None:
        self._five = five
        self._assistant_id = assistant_id
        self._question = question
        headers = {"authorization": token}
        self._http = httpx2.AsyncClient(
            base_url=five.address("gateway"), headers=headers, timeout=60
        )
        self._begun = asyncio.Barrier(STREAMS + 2)

    async def until_told(self) -> tuple[list[list[str]], list[str], float]:
        async with self._http, asyncio.TaskGroup() as group:
            streams = [group.create_task(self._completion()) for _ in range(STREAMS)]
            turn = group.create_task(self._turn())
            await self._begun.wait()
            told_at = time.monotonic()
            self._five.processes["gateway"].send_signal(signal.SIGTERM)
        return [stream.result() for stream in streams], turn.result(), told_at

    async def _completion(self) -> list[str]:
        body = {
            "model": "simulator",
            "stream": True,
            "max_tokens": 400,
            "messages": [{"role": "user", "content": self._question}],
        }
        return await self._read("POST", "/v1/chat/completions", body)

    async def _turn(self) -> list[str]:
        begun = await self._http.post(
            "/v1/conversations", json={"assistant_id": self._assistant_id}
        )
        turns = f"/v1/conversations/{begun.json()['id']}/turns"
        asked = await self._http.post(turns, json={"text": self._question})
        return await self._read("GET", f"/v1/turns/{asked.json()['id']}/events", None)

    async def _read(self, method: str, path: str, body: object) -> list[str]:
        """The data of each event; the second one is told to the others."""
        lines = []
        async with self._http.stream(method, path, json=body) as answer:
            assert answer.status_code == 200, await answer.aread()
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    lines.append(line.removeprefix("data: "))
                    if len(lines) == 2:
                        await self._begun.wait()
        return lines


def test_ten_open_streams_finish_within_the_grace(in_time: Ended) -> None:
    assert [lines[-1] for lines in in_time.completions] == ["[DONE]"] * STREAMS


def test_a_turn_of_the_web_chat_finishes_too(in_time: Ended) -> None:
    last = json.loads(in_time.turn[-1])

    assert (last["type"], last["message"]["status"]) == ("message", "complete")


def test_what_finished_is_in_the_ledger_once(in_time: Ended) -> None:
    assert [status for status, _ in in_time.charged] == ["complete"] * (STREAMS + 1)


def test_the_status_of_an_ordered_end_is_0(in_time: Ended, too_late: Ended) -> None:
    assert (in_time.status, too_late.status) == (0, 0)
    assert "Traceback" not in in_time.log + too_late.log


def test_streams_that_take_longer_are_told_so(too_late: Ended) -> None:
    last = [json.loads(lines[-1]) for lines in too_late.completions]

    assert [each["error"]["code"] for each in last] == ["shutting_down"] * STREAMS


def test_a_turn_that_takes_longer_is_told_so_and_keeps_what_was_written(too_late: Ended) -> None:
    last = json.loads(too_late.turn[-1])

    assert (last["type"], last["code"]) == ("failed", "shutting_down")
    assert last["message"]["content"].startswith("word0 word1")


def test_streams_that_take_longer_pay_what_was_written(too_late: Ended) -> None:
    assert [status for status, _ in too_late.charged] == ["cancelled"] * (STREAMS + 1)
    assert all(0 < tokens < len(WORDS) for _, tokens in too_late.charged)


def test_the_end_comes_when_it_was_promised(too_late: Ended) -> None:
    longest = GRACE_SECONDS + LAST_WORDS_SECONDS + BUSY_MACHINE_SECONDS

    assert GRACE_SECONDS - 1 < too_late.seconds < longest


def test_an_engine_service_that_ends_tells_the_reader_behind_the_gateway(paced: Five) -> None:
    paced.start("gateway", "gateway")
    paced.wait_ready("inference", "retrieval", "gateway")
    with paced.session() as session:
        body = {
            "model": "simulator",
            "stream": True,
            "messages": [{"role": "user", "content": "a long one"}],
        }
        with session.stream("POST", "/v1/chat/completions", json=body) as answer:
            lines = answer.iter_lines()
            next(line for line in lines if "word1" in line)
            paced.processes["inference"].send_signal(signal.SIGTERM)
            last = [line for line in lines if line.startswith("data: ")][-1]
    status = paced.processes["inference"].wait(30)
    paced.start("inference", "inference")  # for whoever comes next
    paced.stop("gateway")

    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "shutting_down"
    assert status == 0
