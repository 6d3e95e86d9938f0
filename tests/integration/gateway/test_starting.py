"""The gateway's programs as somebody starts them, well or badly configured."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.migrate import SCRIPTS
from tests.support.gateway import SERVICE_SECRET, Databases

ROOT = SCRIPTS.parents[2]
MEMBERS = ("libs/contracts", "libs/runtime", "services/gateway")


@pytest.fixture
def good(databases: Databases, tmp_path: Path) -> dict[str, str]:
    """An environment in which everything starts."""
    return {
        "PYTHONPATH": ":".join(str(ROOT / member) for member in MEMBERS),
        "GATEWAY_DATABASE_URL": databases.empty(),
        "GATEWAY_BLOBS_URL": f"file://{tmp_path / 'blobs'}",
        "STOA_SERVICE_SECRET": SERVICE_SECRET,
        "STOA_REDIS_URL": "redis://127.0.0.1:9/0",
    }


def _run(module: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_migrate_then_claim_link_prints_the_link_and_nothing_else(good: dict[str, str]) -> None:
    migrated = _run("gateway.migrate", good)
    again = _run("gateway.migrate", good)
    link = _run("gateway.claim_link", good)

    assert (migrated.returncode, again.returncode, link.returncode) == (0, 0, 0)
    assert link.stdout.startswith("http://127.0.0.1:8000/claim?token=")
    assert link.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"GATEWAY_PORT": "99999"}, "GATEWAY_PORT: Input should be less than or equal to 65535"),
        ({"STOA_SERVICE_SECRET": "short"}, "needs at least 32 bytes"),
        ({"STOA_REDIS_URL": ""}, "STOA_REDIS_URL"),
        ({"STOA_ADMIN_EMAIL": "a@b.example"}, "STOA_ADMIN_EMAIL and STOA_ADMIN_PASSWORD"),
        ({"GATEWAY_BLOBS_URL": "ftp://bucket"}, "GATEWAY_BLOBS_URL"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(
    good: dict[str, str], change: dict[str, str], sentence: str
) -> None:
    refused = _run("gateway", good | change)

    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert SERVICE_SECRET not in refused.stderr


def test_a_database_that_is_away_is_said_in_one_sentence(good: dict[str, str]) -> None:
    away = {"GATEWAY_DATABASE_URL": "postgresql+asyncpg://stoa:secret@127.0.0.1:9/stoa"}
    refused = _run("gateway.migrate", good | away)

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "secret" not in refused.stderr
