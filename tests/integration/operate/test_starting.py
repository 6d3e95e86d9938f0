"""Programs whose stores are wrong: one sentence, exit status 2, no traceback, no password."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from pydantic import AnyHttpUrl, RedisDsn, SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.probes import probes as gateway_probes
from gateway.settings import Settings as GatewaySettings
from laptop.postgres import PostgresServer
from laptop.valkey import ValkeyServer
from retrieval.probes import probes as retrieval_probes
from retrieval.settings import HASHING
from retrieval.settings import Settings as RetrievalSettings
from runtime.broker_probe import broker_probe
from runtime.probing import reach
from runtime.settings import SharedSettings
from runtime.starting import CannotStart
from tests.support.engines import free_port
from tests.support.gateway import NOBODY, SERVICE_SECRET, Databases, gateway_settings
from tests.support.processes import Five, prepared_five
from tests.support.qdrant_stub import WANTED_KEY, qdrant_stub
from tests.support.waiting import wait_until

PASSWORD = "not-the-password"


def _why(settings: GatewaySettings, seconds: float = 0) -> str:
    with pytest.raises(CannotStart) as refused:
        asyncio.run(reach(gateway_probes(settings), seconds))
    said = str(refused.value)
    assert PASSWORD not in said
    return said


def _changed(settings: GatewaySettings, database_url: str) -> GatewaySettings:
    return settings.model_copy(update={"database_url": SecretStr(database_url)})


@pytest.fixture
def good(migrated: str, tmp_path: Path) -> GatewaySettings:
    return gateway_settings(migrated, tmp_path, retrieval_url=NOBODY, inference_url=NOBODY)


def test_good_settings_pass_and_neighbours_that_are_away_are_only_named(
    good: GatewaySettings, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(reach(gateway_probes(good), seconds=0))

    said = " ".join(record.getMessage() for record in caplog.records)
    assert "GATEWAY_RETRIEVAL_URL: nobody listens at 127.0.0.1:9" in said
    assert "GATEWAY_INFERENCE_URL" in said


def test_a_wrong_address_of_the_database_is_named(good: GatewaySettings) -> None:
    port = free_port()
    away = f"postgresql+asyncpg://stoa:{PASSWORD}@127.0.0.1:{port}/stoa"
    unknown = f"postgresql+asyncpg://stoa:{PASSWORD}@db.invalid/stoa"

    assert f"GATEWAY_DATABASE_URL: nobody listens at 127.0.0.1:{port}" in _why(_changed(good, away))
    assert "GATEWAY_DATABASE_URL: the host db.invalid is unknown" in _why(_changed(good, unknown))


@pytest.mark.parametrize(
    "address", ["somewhere", f"postgresql://stoa:{PASSWORD}@127.0.0.1/stoa", "mysql+x://h/d"]
)
def test_what_is_no_address_is_named(good: GatewaySettings, address: str) -> None:
    assert "GATEWAY_DATABASE_URL" in _why(_changed(good, address))


def test_a_wrong_password_is_refused_at_once(
    good: GatewaySettings, postgres: PostgresServer
) -> None:
    wrong = f"postgresql+asyncpg://stoa:{PASSWORD}@127.0.0.1:{postgres.port}/stoa"
    started = time.monotonic()
    said = _why(_changed(good, wrong), seconds=60)

    assert "refuses the password of stoa (GATEWAY_DATABASE_URL)" in said
    assert time.monotonic() - started < 55


def test_a_database_that_is_not_there_is_named(
    good: GatewaySettings, postgres: PostgresServer
) -> None:
    said = _why(_changed(good, postgres.address(database="nowhere")))

    assert "has no database nowhere" in said


def test_a_database_that_was_not_migrated_says_how(
    good: GatewaySettings, databases: Databases
) -> None:
    said = _why(_changed(good, databases.empty()))

    assert "the database has no tables yet; run `make migrate`" in said


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("0001", "has schema 0001, and this version of Stoa needs"),
        ("9999", "has schema 9999, which is newer than this version"),
    ],
)
def test_a_schema_of_another_version_is_named(
    good: GatewaySettings, databases: Databases, revision: str, sentence: str
) -> None:
    database_url = databases.empty()
    asyncio.run(_stamp(database_url, revision))

    assert sentence in _why(_changed(good, database_url))


async def _stamp(database_url: str, revision: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        await connection.execute(
            text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision}
        )
    await engine.dispose()


def test_blobs_that_cannot_be_written_are_named(good: GatewaySettings, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    blocked = good.model_copy(update={"blobs_url": f"file://{in_the_way}/blobs"})

    assert "GATEWAY_BLOBS_URL" in _why(blocked)


@pytest.mark.parametrize("password", [PASSWORD, ""])
def test_a_wrong_password_of_the_broker_is_refused_at_once(
    valkey: ValkeyServer, password: str
) -> None:
    url = RedisDsn(f"redis://{':' if password else ''}{password}@127.0.0.1:{valkey.port}/0")
    with pytest.raises(CannotStart, match=r"STOA_REDIS_URL: .* refuses the user, password") as said:
        asyncio.run(reach([broker_probe(url)], seconds=60))

    assert PASSWORD not in str(said.value)


def test_a_broker_that_is_away_is_named() -> None:
    port = free_port()
    with pytest.raises(CannotStart, match=f"STOA_REDIS_URL: nobody listens at 127.0.0.1:{port}"):
        asyncio.run(reach([broker_probe(RedisDsn(f"redis://127.0.0.1:{port}/0"))], seconds=0))


@pytest.fixture(scope="module")
def qdrant() -> Iterator[str]:
    with qdrant_stub() as address:
        yield address


def _retrieval(folder: Path, **changes: object) -> RetrievalSettings:
    return RetrievalSettings.model_validate(
        {
            "index_path": folder,
            "embedding_path": HASHING,
            "shared": SharedSettings(service_secret=SecretStr(SERVICE_SECRET)),
            **changes,
        }
    )


@pytest.mark.parametrize(("key", "sentence"), [(None, "wants a key"), (PASSWORD, "refuses this")])
def test_a_wrong_key_of_qdrant_is_named(
    qdrant: str, tmp_path: Path, key: str | None, sentence: str
) -> None:
    settings = _retrieval(tmp_path, qdrant_url=AnyHttpUrl(qdrant), qdrant_api_key=key)
    with pytest.raises(CannotStart, match=f"RETRIEVAL_QDRANT_API_KEY: .*{sentence}") as said:
        asyncio.run(reach(retrieval_probes(settings), seconds=60))

    assert PASSWORD not in str(said.value)


def test_the_right_key_of_qdrant_passes(qdrant: str, tmp_path: Path) -> None:
    settings = _retrieval(tmp_path, qdrant_url=AnyHttpUrl(qdrant), qdrant_api_key=WANTED_KEY)
    asyncio.run(reach(retrieval_probes(settings), seconds=0))


def test_an_index_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    settings = _retrieval(in_the_way / "index")
    with pytest.raises(CannotStart, match="RETRIEVAL_INDEX_PATH"):
        asyncio.run(reach(retrieval_probes(settings), seconds=60))


REFUSED = {
    "gateway": (
        ("gateway",),
        {"GATEWAY_DATABASE_URL": f"postgresql+asyncpg://stoa:{PASSWORD}@127.0.0.1:9/stoa"},
        "gateway cannot start: GATEWAY_DATABASE_URL: nobody listens at 127.0.0.1:9 (waited 1 s).",
    ),
    "worker": (
        ("celery", "-A", "ingest.worker", "worker"),
        {"STOA_REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:9/0"},
        "ingest cannot start: STOA_REDIS_URL: nobody listens at 127.0.0.1:9 (waited 1 s).",
    ),
    "retrieval": (
        ("retrieval",),
        {"RETRIEVAL_EMBEDDING_PATH": tempfile.gettempdir()},
        "retrieval cannot start: RETRIEVAL_EMBEDDING_PATH: the folder holds no embedding model.",
    ),
}


@pytest.fixture(scope="module")
def alone(
    migrated: str, valkey: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Five]:
    """Three programs that cannot start, begun side by side, and room for another."""
    settings = {"STOA_START_SECONDS": "1", "STOA_STOP_SECONDS": "3"}
    folder = tmp_path_factory.mktemp("alone")
    with prepared_five(folder, migrated, valkey.address(), **settings) as five:
        for name, (command, change, _) in REFUSED.items():
            five.start(name, *command, **change)
        yield five


@pytest.mark.parametrize("name", REFUSED)
def test_the_process_ends_with_the_sentence_and_status_2(alone: Five, name: str) -> None:
    status, log = alone.processes[name].wait(60), alone.log(name)

    plain = [line for line in log.splitlines() if not line.startswith("{")]
    assert (status, plain) == (2, [REFUSED[name][2]])
    assert PASSWORD not in log


def test_web_without_its_gateway_says_so_and_ends_at_once_when_told_twice(alone: Five) -> None:
    process = alone.start("web", "web", WEB_GATEWAY_URL=NOBODY)
    address = alone.address("web")
    wait_until(lambda: _status(f"{address}/health/live") == 200, seconds=60, what="web")
    ready, page = _status(f"{address}/health/ready"), httpx2.get(f"{address}/", timeout=30)
    process.terminate()
    process.terminate()

    assert "WEB_GATEWAY_URL: nobody listens at 127.0.0.1:9" in alone.log("web")
    assert (ready, page.status_code) == (503, 503)
    assert process.wait(30) == 0


def _status(address: str) -> int:
    try:
        return httpx2.get(address, timeout=10).status_code
    except httpx2.TransportError:
        return 0
