"""A bad configuration is one sentence that names the variable, and never holds a secret."""

import os
import subprocess
import sys

import pytest
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.settings import SharedSettings
from runtime.starting import CannotStart, settings_or_exit

GOOD = {"STOA_SERVICE_SECRET": "0123456789abcdef a long secret of this test"}


class Engine(BaseModel):
    model: str
    slots: int = Field(gt=0)


class Limits(BaseModel):
    seconds: int = Field(default=3, gt=0)


class Porch(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PORCH_", env_nested_delimiter="__")

    port: int = 8080
    engines: tuple[Engine, ...] = ()
    limits: Limits = Limits()
    shared: SharedSettings = Field(default_factory=SharedSettings)


def _said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **environment: str
) -> str:
    for variable, value in (GOOD | environment).items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        settings_or_exit("porch", Porch)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.count("\n") == 1
    assert said.startswith("porch cannot start: ")
    return said


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORCH_PORT", "north", "PORCH_PORT: Input should be a valid integer"),
        ("PORCH_LIMITS__SECONDS", "0", "PORCH_LIMITS__SECONDS: Input should be greater than 0"),
        ("PORCH_ENGINES", '[{"model": "m", "slots": 0}]', "PORCH_ENGINES: 0.slots: Input should"),
        ("PORCH_ENGINES", "[{", "PORCH_ENGINES: this is not JSON"),
        ("STOA_SERVICE_SECRET", "short", "STOA_SERVICE_SECRET: the service secret needs"),
        ("STOA_LOG_LEVEL", "LOUD", "STOA_LOG_LEVEL: String should match"),
        ("STOA_OTLP_URL", "collector", "STOA_OTLP_URL: Input should be a valid URL"),
        ("STOA_STOP_SECONDS", "-1", "STOA_STOP_SECONDS: Input should be greater than"),
    ],
)
def test_a_bad_setting_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    sentence: str,
) -> None:
    assert sentence in _said(monkeypatch, capsys, **{variable: value})


def test_a_secret_that_is_no_secret_is_refused_in_production(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    easy = "a" * 40
    said = _said(monkeypatch, capsys, STOA_SERVICE_SECRET=easy, STOA_ENVIRONMENT="production")

    assert "too easy to guess" in said
    assert easy not in said


def test_a_missing_secret_file_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STOA_SERVICE_SECRET", raising=False)
    monkeypatch.setenv("STOA_SERVICE_SECRET_FILE", "/nowhere")
    with pytest.raises(SystemExit):
        settings_or_exit("porch", Porch)

    said = capsys.readouterr().err
    assert "STOA_SERVICE_SECRET_FILE" in said
    assert "No such file or directory" in said


def test_what_a_program_checks_itself_is_said_the_same_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STOA_SERVICE_SECRET", GOOD["STOA_SERVICE_SECRET"])

    def check(_: Porch) -> None:
        raise CannotStart("PORCH_PORT: there is no porch\nhere")

    with pytest.raises(SystemExit):
        settings_or_exit("porch", Porch, check)

    assert capsys.readouterr().err == "porch cannot start: PORCH_PORT: there is no porch here.\n"


def test_traces_that_are_off_cost_no_import() -> None:
    # FastAPI itself imports the thin API; exporter and SDK are what costs.
    code = (
        "import sys, runtime.serving, runtime.app, runtime.outgoing; "
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')"
        " or name.startswith('opentelemetry.exporter')])"
    )
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
