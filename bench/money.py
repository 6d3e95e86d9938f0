"""The ledger at five million rows: inserting, storing, summing up, and the overview over HTTP.

`python bench/money.py [--json] [--rows 5000000] [--calls 2000] [--requests 100]`: an embedded
PostgreSQL is filled by itself with calls of 400 days, in 40 workspaces with 2,000 members, 300
assistants and 400 keys, by 6 models. Then calls are recorded one after another, as the gateway
settles them, the roll-ups are waited for, the database is swept as it does by itself within
minutes, and a gateway answers an operator over HTTP. What the gateway has no route or table for is
left out. Many minutes, and 4 GB of disk.
"""

import argparse
import asyncio
import json
import os
import secrets
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import uvicorn
from pydantic import SecretStr
from sqlalchemy import text

from contracts.generation import EngineUsage
from contracts.ids import new_id
from gateway.accounts.rules import SESSION_PREFIX, new_token, token_hash
from gateway.db import Database
from gateway.main import build_app
from gateway.migrate import migrate
from gateway.payer import Payer
from gateway.reservations.rules import PlannedCall
from gateway.reservations.service.reserving import ReservationService
from gateway.settings import AdminAccount, Settings
from gateway.usage.charging import CalledModel, ModelCall, ledger_row
from gateway.usage.repository import LedgerRepository
from gateway.usage.rules import TokenPrice
from laptop.lifeline import spawn
from laptop.postgres import STOP_SIGNAL, PostgresServer
from runtime.settings import SharedSettings

WORKSPACES, MEMBERS, ASSISTANTS, KEYS, MODELS, DAYS = 40, 2_000, 300, 400, 6, 400
BATCH = 250_000
START_SECONDS = 60.0
CATCH_UP_SECONDS = 3_600.0
PENDING = "usage_pending"
"""Where the ids of rows stand that no roll-up holds yet."""
OVERVIEW = "/v1/admin/stats?period=30d"
NOBODY = "http://127.0.0.1:9"
WARMING = 5
MODEL = CalledModel("model-1", "bench", "USD", TokenPrice(50_000, 12_500, 100_000))

PEOPLE = (  # made of the numbers above alone
    f"INSERT INTO workspaces (id, name) SELECT 'wsp_' || n, 'W' || n"  # noqa: S608
    f" FROM generate_series(0, {WORKSPACES - 1}) n",
    f"INSERT INTO members (id, email, name, password_hash, is_operator)"  # noqa: S608
    f" SELECT 'mem_' || n, n || '@example.org', 'M' || n, 'x', n = 0"
    f" FROM generate_series(0, {MEMBERS - 1}) n",
    f"INSERT INTO memberships (workspace_id, member_id, power)"  # noqa: S608
    f" SELECT 'wsp_' || n % {WORKSPACES}, 'mem_' || n, CASE WHEN n = 0 THEN 'owner' ELSE 'member'"
    f" END FROM generate_series(0, {MEMBERS - 1}) n",
)
# Few ask most: the square of an even draw. A member's workspace, assistant and key follow from it.
# Ids are as long as real ones, and sort by time as those do.
CALLS = f"""
INSERT INTO ledger (id, created_at, request_id, purpose, workspace_id, member_id, assistant_id,
    assistant_version, key_id, model, engine, input_tokens, cached_tokens, output_tokens,
    estimated, status, currency, price_input_pico, price_cached_input_pico, price_output_pico,
    amount_pico, first_token_ms, total_ms)
SELECT 'led_' || lpad(n::text, 26, '0'),
    now() - interval '1 second' * ({DAYS} * 86400.0 * (1 - n::float8 / :rows)),
    'chatcmpl-' || substr(md5(n::text), 1, 26),
    CASE WHEN random() < 0.12 THEN 'rewrite' ELSE 'chat' END,
    'wsp_' || who % {WORKSPACES}, 'mem_' || who, 'ast_' || who % {ASSISTANTS}, 1 + who % 5,
    CASE WHEN random() < 0.3 THEN 'key_' || who % {KEYS} END,
    'model-' || who % {MODELS}, 'bench',
    read, read / 3, written, random() < 0.01,
    (ARRAY['complete', 'cancelled', 'failed'])[
        CASE WHEN random() < 0.94 THEN 1 WHEN random() < 0.66 THEN 2 ELSE 3 END],
    'USD', 50000, 12500, 100000, (read - read / 3) * 50000 + read / 3 * 12500 + written * 100000,
    200 + (random() * 3000)::int, 1000 + (random() * 20000)::int
FROM (
    SELECT n, (power(random(), 2) * {MEMBERS})::int % {MEMBERS} AS who,
        200 + (random() * 2500)::int AS read, 10 + (random() * 500)::int AS written
    FROM generate_series(cast(:first AS bigint), cast(:last AS bigint)) n
) drawn
"""  # noqa: S608


@contextmanager
def postgres(folder: Path) -> Iterator[PostgresServer]:
    """The embedded PostgreSQL, with the disk as the laptop uses it."""
    server = PostgresServer(folder / "data", free_port(), secrets.token_urlsafe(16))
    server.prepare()
    process = spawn(server.command(), folder / "log", death_signal=STOP_SIGNAL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.05)
        yield server
    finally:
        process.send_signal(STOP_SIGNAL)
        process.wait()


def free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def fill(database: Database, rows: int) -> float:
    """People, then calls; returns the seconds that took. Checks of references are left aside."""
    started = time.perf_counter()
    async with database.transaction() as tx:
        for statement in PEOPLE:
            await tx.execute(text(statement))
    for first in range(1, rows + 1, BATCH):
        async with database.transaction() as tx:
            await tx.execute(text("SET LOCAL session_replication_role = replica"))
            await tx.execute(text("SET LOCAL statement_timeout = 0"))
            last = min(rows, first + BATCH - 1)
            await tx.execute(text(CALLS), {"rows": rows, "first": first, "last": last})
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL statement_timeout = 0"))
        if await has_pending(database):
            await tx.execute(text(f"INSERT INTO {PENDING} SELECT id FROM ledger"))  # noqa: S608
        await tx.execute(text("ANALYZE"))
    return time.perf_counter() - started


async def recorded(database: Database, calls: int) -> dict[str, list[float]]:
    """Milliseconds of each of so many calls: reserved and settled as the gateway does it."""
    reservations = ReservationService(database, ZoneInfo("UTC"))
    times: dict[str, list[float]] = {"reserve": [], "settle": []}
    for number in range(calls):
        request_id = new_id("chatcmpl-")
        payer = Payer(f"wsp_{number % WORKSPACES}", f"mem_{number % MEMBERS}", None, None)
        planned = PlannedCall(request_id, "chat", payer, None, None, MODEL, 900, 917, 768)
        usage = EngineUsage(input_tokens=900, cached_tokens=300, output_tokens=120)
        ended = ModelCall(
            request_id, "chat", payer, None, None, MODEL, usage, "complete", 400, 3_000
        )
        started = time.perf_counter()
        await reservations.reserve(planned)
        reserved = time.perf_counter()
        await reservations.settle(ended)
        times["reserve"].append((reserved - started) * 1000)
        times["settle"].append((time.perf_counter() - reserved) * 1000)
    return {name: each[WARMING:] for name, each in times.items()}


async def inserted(database: Database, calls: int) -> list[float]:
    """Milliseconds of each of so many rows of the ledger, committed one by one."""
    times = []
    for number in range(calls):
        payer = Payer(f"wsp_{number % WORKSPACES}", f"mem_{number % MEMBERS}", None, None)
        usage = EngineUsage(input_tokens=900, cached_tokens=300, output_tokens=120)
        request_id = new_id("chatcmpl-")
        call = ModelCall(
            request_id, "chat", payer, None, None, MODEL, usage, "complete", 400, 3_000
        )
        started = time.perf_counter()
        async with database.transaction() as tx:
            await LedgerRepository(tx).append(ledger_row(call))
        times.append((time.perf_counter() - started) * 1000)
    return times[WARMING:]


async def storage(database: Database) -> dict[str, float]:
    """Bytes of a row: in the table, and in each index."""
    async with database.transaction() as tx:
        rows = (await tx.execute(text("SELECT count(*) FROM ledger"))).scalar_one()
        heap = (await tx.execute(text("SELECT pg_table_size('ledger')"))).scalar_one()
        indexes = await tx.execute(
            text(
                "SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes"
                " WHERE relname = 'ledger' ORDER BY 1"
            )
        )
        by_index = {name: size / rows for name, size in indexes}
    return {
        "rows": rows,
        "heap_bytes_a_row": heap / rows,
        "index_bytes_a_row": sum(by_index.values()),
        **{f"{name}_bytes_a_row": size for name, size in by_index.items()},
    }


async def has_pending(database: Database) -> bool:
    """Whether this release keeps roll-ups."""
    async with database.transaction() as tx:
        found = await tx.execute(text("SELECT to_regclass(:name)"), {"name": PENDING})
        return found.scalar_one() is not None


async def caught_up(database: Database) -> float | None:
    """Seconds until no row waits for the roll-ups; None: there are none, or it took too long."""
    if not await has_pending(database):
        return None
    started = time.perf_counter()
    while time.perf_counter() - started < CATCH_UP_SECONDS:
        async with database.transaction() as tx:
            waiting = text(f"SELECT EXISTS (SELECT FROM {PENDING})")  # noqa: S608
            if not (await tx.execute(waiting)).scalar_one():
                return time.perf_counter() - started
        await asyncio.sleep(0.1)
    return None


async def swept(address: str) -> float:
    """Seconds of the sweep that PostgreSQL makes by itself within minutes of so many new rows."""
    started = time.perf_counter()
    connection = await asyncpg.connect(address.replace("+asyncpg", ""))
    try:
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()
    return time.perf_counter() - started


async def operator_token(database: Database) -> str:
    """A session of the operator."""
    token = new_token(SESSION_PREFIX)
    async with database.transaction() as tx:
        await tx.execute(
            text(
                "INSERT INTO sessions (id, token_hash, member_id, workspace_id, expires_at)"
                " VALUES ('ses_bench', :hash, 'mem_0', 'wsp_0', now() + interval '1 day')"
            ),
            {"hash": token_hash(token)},
        )
    return token


@contextmanager
def gateway(address: str, folder: Path, retrieval: str = NOBODY, secret: str = "") -> Iterator[str]:
    """A gateway over the database, neighbours that are not named away; its roll-ups run."""
    settings = Settings(
        database_url=SecretStr(address),
        blobs_url=f"file://{folder / 'blobs'}",
        inference_url=NOBODY,
        retrieval_url=retrieval,
        admin=AdminAccount(email=None, password=None),
        shared=SharedSettings(
            home=folder, service_secret=SecretStr(secret or secrets.token_hex(32))
        ),
    )
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(build_app(settings), port=port, log_config=None, ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the gateway did not start")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)


def overview(address: str, token: str, requests: int) -> dict[str, Any] | None:
    """The overview, asked for again and again; None: this release has none."""
    times = []
    with httpx2.Client(
        base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=60
    ) as http:
        for _ in range(requests + WARMING):
            started = time.perf_counter()
            answer = http.get(OVERVIEW)
            if answer.status_code == httpx2.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            times.append((time.perf_counter() - started) * 1000)
    return figures(times[WARMING:])


def figures(times: list[float]) -> dict[str, float]:
    """What a list of milliseconds comes to."""
    return {
        "count": len(times),
        "p50_ms": statistics.median(times),
        "p95_ms": statistics.quantiles(times, n=20)[-1],
    }


async def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Everything, in a database of its own."""
    with postgres(folder) as server:
        await migrate(server.address())
        database = Database(server.address())
        try:
            fill_seconds = await fill(database, options.rows)
            stored = await storage(database)
            calls = {"insert": await inserted(database, options.calls + WARMING)}
            calls |= await recorded(database, options.calls + WARMING)
            token = await operator_token(database)
            with gateway(server.address(), folder) as address:
                first = await caught_up(database)
                await recorded(database, options.calls)
                again = await caught_up(database)
                sweep_seconds = await swept(server.address())
                seen = await asyncio.to_thread(overview, address, token, options.requests)
        finally:
            await database.close()
    return {
        "fill_seconds": fill_seconds,
        "storage": stored,
        **{name: figures(times) for name, times in calls.items()},
        "roll_ups": {"all_rows_seconds": first, "latest_calls_seconds": again},
        "sweep_seconds": sweep_seconds,
        "overview": seen,
    }


def main() -> None:
    """Run once in a temporary folder and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--requests", type=int, default=100)
    options = parser.parse_args()
    machine = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        result = asyncio.run(measure(Path(folder), options))
    result = {"machine": machine | {"load_after": os.getloadavg()[0]}, **result}
    if options.json:
        print(json.dumps(result, indent=2))
        return
    stored = result["storage"]
    print(f"{stored['rows']} rows, filled in {result['fill_seconds']:.0f} s")
    for name in ("insert", "reserve", "settle"):
        print(f"{name}: p50 {result[name]['p50_ms']:.2f} ms, p95 {result[name]['p95_ms']:.2f} ms")
    heap, indexes = stored["heap_bytes_a_row"], stored["index_bytes_a_row"]
    print(f"storage: {heap:.0f} bytes a row and {indexes:.0f} of its indexes")
    print(f"roll-ups: {result['roll_ups']}, overview: {result['overview']}")


if __name__ == "__main__":
    main()
