"""Compose's own environment, with secrets as docs/operations.md has them made: production starts
with them, and names in one sentence each that is missing, short or out of an example (T18).

That the processes then run is proved by tests/integration/compose.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.starting import settings_or_exit as gateway_settings
from inference.settings import Settings as InferenceSettings
from ingest.settings import load_settings
from retrieval.settings import Settings as RetrievalSettings
from runtime.settings import Environment, SharedSettings
from runtime.starting import settings_or_exit
from tests.support.compose import ROOT, read_compose
from web.settings import Settings as WebSettings

EMAIL = {"STOA_ADMIN_EMAIL": "olivia@example.org"}
READS: dict[str, Callable[[], object]] = {
    "web": lambda: settings_or_exit("web", WebSettings),
    "gateway": lambda: gateway_settings("gateway"),
    "migrate": lambda: gateway_settings("gateway.migrate"),
    "tools": lambda: gateway_settings("gateway.backup"),
    "retrieval": lambda: settings_or_exit("retrieval", RetrievalSettings),
    "inference": lambda: settings_or_exit("inference", InferenceSettings),
    "worker": load_settings,
    "beat": load_settings,
}
"""Service -> how its program reads its settings."""

WITHOUT_SETTINGS = {"models"}
"""Runs before there are secrets, and has none but pip's configuration."""

WEAK = {
    "short": "q7Zr0vL",
    "alike": "a" * 64,
    "an example": "changeme-changeme-changeme-12345",
    "empty": "",
    "missing": None,
}
JOINED = {
    "GATEWAY_DATABASE_PASSWORD": "GATEWAY_DATABASE_URL",
    "STOA_REDIS_PASSWORD": "STOA_REDIS_URL",
}
"""A password that goes into an address is named by either."""


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """The folder of secrets, made by the script that operators run."""
    folder = tmp_path / "private"
    script = str(ROOT / "infra/compose/secrets")
    subprocess.run([script, str(folder)], check=True, capture_output=True)
    return folder


def environment(name: str, private: Path, engine: str = "vllm") -> dict[str, str]:
    """The service's own, with folders of this machine."""
    service = read_compose({**EMAIL, "STOA_ENGINE": engine}).services[name]
    places = {"/run/secrets": str(private)}
    for mount in service.mounts:
        if mount.source.startswith("./infra"):
            copy = private.parent / Path(mount.source).name
            text = (ROOT / mount.source).read_text(encoding="utf-8")
            copy.write_text(text.replace("/run/secrets", str(private)), encoding="utf-8")
            places[mount.target] = str(copy)
    models = private.parent / "models"
    places["/var/lib/stoa"] = str(models)
    found = {}
    for variable, value in service.environment.items():
        place = next((place for place in places if value.startswith(place)), "")
        found[variable] = places.get(place, "") + value.removeprefix(place)
        if found[variable].startswith(str(models)):
            Path(found[variable]).mkdir(parents=True, exist_ok=True)
    return found | ({"INGEST_SCRATCH_PATH": str(private.parent)} if "ingest" in str(found) else {})


def secrets_of(name: str) -> list[str]:
    return [each for each in read_compose(EMAIL).services[name].secrets if each != "pip_conf"]


def variables_for(name: str, secret: str, given: dict[str, str]) -> set[str]:
    """Under what names a refusal may speak of a secret."""
    if secret == "vllm_api_key":
        return {"INFERENCE_ENGINES"}
    found = {variable for variable, value in given.items() if value.endswith(f"/{secret}")}
    assert found, f"{name} gets {secret} and no variable names it"
    plain = {variable.removesuffix("_FILE") for variable in found}
    return plain | {JOINED[variable] for variable in plain & set(JOINED)}


def test_every_service_of_ours_is_among_them() -> None:
    stack = read_compose(EMAIL)
    ours = {
        name
        for name, service in stack.services.items()
        if str(service.given.get("image", "")).startswith("stoa/")
    }

    assert ours == set(READS) | WITHOUT_SETTINGS


@pytest.mark.parametrize("name", READS)
def test_production_starts_with_secrets_as_they_are_made(
    name: str, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment(name, private).items():
        monkeypatch.setenv(variable, value)

    found = READS[name]()

    settings = found[0] if isinstance(found, tuple) else found
    shared = getattr(settings, "shared", settings)
    assert isinstance(shared, SharedSettings)
    assert shared.environment is Environment.PRODUCTION


@pytest.mark.parametrize(
    ("name", "secret"), [(name, secret) for name in READS for secret in secrets_of(name)]
)
def test_each_secret_that_will_not_do_is_named_in_one_sentence(
    name: str,
    secret: str,
    private: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = environment(name, private)
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    wanted, wrong = variables_for(name, secret, given), {}
    for kind, weak in WEAK.items():
        if weak is None:
            (private / secret).unlink()
        else:
            (private / secret).write_text(weak)
        with pytest.raises(SystemExit) as ended:
            READS[name]()
        said = capsys.readouterr().err
        is_one_line = said.count("\n") == 1 and " cannot start: " in said
        is_named = any(variable in said for variable in wanted)
        if ended.value.code != 2 or not is_one_line or not is_named or (weak and weak in said):
            wrong[kind] = said

    assert wrong == {}
