"""PostgreSQL and Valkey from their wheels: private, durable, and started by root or anybody."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from laptop.postgres import PostgresServer
from laptop.valkey import ValkeyServer
from tests.support.engines import free_port, postgres_server, valkey_server

REPOSITORY = Path(__file__).parents[3]

# Runs the same start in a process that is not root: in a user namespace where root is user 1000.
AS_SOMEBODY = """
import os
from tests.support.engines import postgres_server, valkey_server
with postgres_server() as postgres, valkey_server() as valkey:
    print(os.geteuid(), "unshare" in postgres.command(), postgres.is_ready(), valkey.is_ready())
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with valkey_server() as server:
        yield server


async def test_the_database_is_there_with_its_owner(postgres: PostgresServer) -> None:
    line = await asyncpg.connect(postgres.address("postgresql"))
    try:
        who = await line.fetchrow("SELECT current_user, current_database(), version()")
        checksums = await line.fetchval("SHOW data_checksums")
    finally:
        await line.close()

    assert who is not None
    assert (who["current_user"], who["current_database"]) == ("stoa", "stoa")
    assert who["version"].startswith("PostgreSQL 18")
    assert checksums == "on"


async def test_postgres_asks_for_the_password(postgres: PostgresServer) -> None:
    stranger = PostgresServer(postgres.data, postgres.port, "a guess")

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(stranger.address("postgresql"))


def test_valkey_asks_for_the_password(valkey: ValkeyServer) -> None:
    with (
        redis.Redis(port=valkey.port) as stranger,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        stranger.ping()


def test_valkey_says_ready_only_to_its_own_password(valkey: ValkeyServer) -> None:
    assert valkey.is_ready()
    assert not ValkeyServer(valkey.data, valkey.port, "a guess").is_ready()


def test_the_password_is_not_on_a_command_line(
    postgres: PostgresServer, valkey: ValkeyServer
) -> None:
    said = " ".join([*postgres.command(), *valkey.command()])

    assert postgres.password not in said
    assert valkey.password not in said


def test_a_second_preparation_keeps_the_data(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "data", free_port(), "secret")
    server.prepare()
    before = (tmp_path / "data" / "global" / "pg_control").read_bytes()

    server.prepare()

    assert (tmp_path / "data" / "global" / "pg_control").read_bytes() == before


def test_a_preparation_that_was_cut_off_is_done_anew(tmp_path: Path) -> None:
    (tmp_path / "data.new" / "global").mkdir(parents=True)

    PostgresServer(tmp_path / "data", free_port(), "secret").prepare()

    assert (tmp_path / "data" / "PG_VERSION").read_text() == "18\n"
    assert not (tmp_path / "data.new").exists()


def test_both_engines_start_for_an_ordinary_user() -> None:
    command = [sys.executable, "-c", AS_SOMEBODY]
    if os.geteuid() == 0:
        command = ["unshare", "-U", "--map-user=1000", "--map-group=1000", *command]

    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": "infra/laptop"},  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        check=False,
    )

    user, *rest = done.stdout.split()
    assert user != "0", done.stderr
    assert rest == ["False", "True", "True"]
