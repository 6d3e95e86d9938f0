"""`python -m web` with wrong settings."""

import subprocess
import sys

import pytest

from web.settings import Settings

SECRET = {"STOA_SERVICE_SECRET": "s" * 40}


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    path = ":".join(sys.path)
    return subprocess.run(
        [sys.executable, "-m", "web"],
        env={"PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({**SECRET, "WEB_PORT": "0"}, "WEB_PORT"),
        ({**SECRET, "WEB_GATEWAY_URL": "nowhere"}, "WEB_GATEWAY_URL"),
        ({}, "STOA_SERVICE_SECRET_FILE"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(environment: dict[str, str], name: str) -> None:
    ended = start(environment)

    assert ended.returncode == 2
    assert name in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_two_copies_on_one_host_have_different_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOA_SERVICE_SECRET", SECRET["STOA_SERVICE_SECRET"])

    assert Settings(port=8000).cookie_prefix() != Settings(port=9000).cookie_prefix()
