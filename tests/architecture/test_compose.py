"""docker-compose.yml, Dockerfiles and settings fit together, and the checker sees when not."""

import copy
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from inference.settings import AnyEngineSettings
from tests.support.compose import ROOT, NotSet, Stack, read_compose, read_dockerfile
from tests.support.compose_rules import problems_of
from tests.support.image_trees import ImageTree

EMAIL = {"STOA_ADMIN_EMAIL": "olivia@example.org"}
GPU = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / "infra/compose/gpu.env").read_text(), re.MULTILINE))
ENGINES = ROOT / "infra/compose/engines"
A_BROKER = (
    "import os; os.environ.update(STOA_REDIS_URL='redis://h/0', STOA_SERVICE_SECRET='s' * 40)"
)
IMAGES = {
    "services/gateway": "import gateway.__main__, gateway.backup, gateway.restore\n"
    "import gateway.migrate, gateway.adapters.blobs_s3\n"
    "assert (gateway.migrate.SCRIPTS / 'env.py').exists()",
    "services/retrieval": "import retrieval.__main__, retrieval.adapters.vectors_qdrant_server",
    "services/inference": "import inference.__main__, inference.adapters.llamacpp_server\n"
    "from inference.models.catalogue import read_catalogue; assert read_catalogue()",
    "services/ingest": f"{A_BROKER}\nimport ingest.worker, ingest.wiring\n"
    "import ingest.parsing.formats, ingest.parsing.docx, ingest.parsing.pdf",
    "web": "import web.__main__\nfrom web.languages import Languages; Languages.load()",
    "infra/compose/models": "import laptop.models.__main__, embedding.convert, rich\n"
    "from laptop.models import read_catalogue; assert read_catalogue()",
}


@pytest.fixture(params=[{}, GPU], ids=["llamacpp", "vllm"])
def stack(request: pytest.FixtureRequest) -> Stack:
    return read_compose(EMAIL | request.param)


def test_everything_agrees(stack: Stack) -> None:
    assert problems_of(stack) == []


def _set(path: str, value: Any) -> Callable[[Any], None]:
    """Put a value at `services.web.ports`; None takes it away."""
    *way, last = path.split(".")

    def edit(given: Any) -> None:
        for step in way:
            given = given[step]
        if value is None:
            del given[last]
        else:
            given[last] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (
            _set("services.web.environment.WEB_GATWAY_URL", "x"),
            "no setting is called WEB_GATWAY_URL",
        ),
        (
            _set("services.gateway.environment.GATEWAY_DATABASE_URL", None),
            "GATEWAY_DATABASE_URL is n",
        ),
        (
            _set("services.worker.environment.STOA_REDIS_URL", None),
            "worker: STOA_REDIS_URL is not set",
        ),
        (_set("services.worker.environment.STOA_ENVIRONMENT", None), "STOA_ENVIRONMENT is not set"),
        (_set("services.web.environment.WEB_GATEWAY_URL", "http://gateway:9"), "asks gateway on 9"),
        (_set("services.web.environment.WEB_GATEWAY_URL", "http://gate:8080"), "no service gate"),
        (_set("services.web.environment.WEB_PORT", "8001"), "web: listens on ['8001']"),
        (_set("services.web.environment.WEB_HOST", "127.0.0.1"), "WEB_HOST is 127.0.0.1"),
        (_set("services.web.networks", ["monitoring"]), "web: shares no network with gateway"),
        (_set("services.web.networks", None), "web: is on the default network"),
        (
            _set("services.web.networks", ["edge", "front"]),
            "web: is on the network edge",
        ),
        (_set("services.gateway.ports", ["8080:8080"]), "gateway: publishes ports"),
        (_set("services.gateway.read_only", False), "gateway: a writable root"),
        (_set("services.gateway.user", "0:0"), "gateway: runs as root"),
        (_set("services.gateway.user", "5:5"), "gateway: user 5:5, and its image has 10001:10001"),
        (_set("services.qdrant.cap_drop", []), "qdrant: keeps capabilities"),
        (_set("services.qdrant.security_opt", []), "qdrant: may gain privileges"),
        (_set("services.valkey.healthcheck", None), "valkey: has no health check"),
        (_set("services.valkey.deploy", {}), "valkey: no limits"),
        (_set("services.valkey.restart", None), "valkey: has no restart policy"),
        (_set("services.retrieval.secrets", ["service_secret"]), "retrieval: reads qdrant_api_key"),
        (_set("services.retrieval.environment.RETRIEVAL_QDRANT_API_KEY", "k"), "in the open"),
        (_set("services.web.secrets", ["service_secret", "s3_secret"]), "web: is given s3_secret"),
        (_set("secrets.spare", {"file": "x"}), "secret spare is declared and unused"),
        (_set("volumes.spare", {}), "volume spare is declared and unused"),
        (_set("volumes.models", None), "volume models is used and not declared"),
        (_set("services.gateway.command", ["python", "-m", "gatewy"]), "no module gatewy"),
        (_set("services.gateway.command", ["sleep", "9"]), "gateway: its command starts no module"),
        (
            _set("services.worker.command", ["python", "-m", "celery"]),
            "takes from the queue ingest",
        ),
        (_set("services.gateway.stop_grace_period", "5s"), "gateway: is killed after 5 s"),
        (_set("services.web.healthcheck.test", ["CMD", "true"]), "web: the compose's health check"),
        (_set("networks.sql", {}), "networks that are not internal"),
        (_set("services.beat.networks", ["sql"]), "prometheus: shares no network with beat"),
    ],
)
def test_the_checker_names_what_is_wrong(edit: Callable[[Any], None], named: str) -> None:
    given = copy.deepcopy(dict(read_compose(EMAIL).given))
    edit(given)

    assert [problem for problem in problems_of(Stack(given)) if named in problem]


def test_compose_insists_on_the_operators_address() -> None:
    with pytest.raises(NotSet, match="STOA_ADMIN_EMAIL"):
        read_compose({})


@pytest.mark.parametrize("name", ["llamacpp", "vllm"])
def test_the_engines_are_what_inference_reads(name: str, tmp_path: Path) -> None:
    text = (ENGINES / f"{name}.json").read_text()
    there = tmp_path / "there"
    there.write_text("x")
    for path in re.findall(r'"(/[^"]+)"', text):  # files of the container
        text = text.replace(path, str(there))

    [engine] = TypeAdapter(list[AnyEngineSettings]).validate_json(text)

    stack = read_compose(EMAIL | (GPU if name == "vllm" else {}))
    assert stack.services["gateway"].environment["GATEWAY_DEFAULT_MODEL"] == engine.model


def test_the_engine_file_lies_where_models_are_fetched() -> None:
    [engine] = json.loads((ENGINES / "llamacpp.json").read_text())
    services = read_compose(EMAIL).services
    home = services["models"].environment["STOA_HOME"]

    assert engine["path"].startswith(f"{home}/models/{engine['model']}/")
    assert engine["model"] in services["models"].environment["STOA_MODELS"].split()
    assert {home} == {
        mount.target
        for name in ("models", "inference", "retrieval", "worker")
        for mount in services[name].mounts
        if mount.source == "models"
    }


@pytest.mark.parametrize("folder", IMAGES)
def test_an_image_holds_all_it_needs_and_nothing_of_others(folder: str, tmp_path: Path) -> None:
    tree = ImageTree(read_dockerfile(ROOT / folder / "Dockerfile"), tmp_path / "image")

    done = tree.run(IMAGES[folder])

    assert done.returncode == 0, done.stderr


def test_a_forgotten_folder_breaks_its_image(tmp_path: Path) -> None:
    dockerfile = read_dockerfile(ROOT / "services/inference/Dockerfile")
    copies = dockerfile.final.copies
    copies[:] = [pair for pair in copies if pair[0] != "libs/runtime/runtime"]

    done = ImageTree(dockerfile, tmp_path / "image").run("import inference.settings")

    assert "No module named 'runtime'" in done.stderr


def test_a_forgotten_requirement_breaks_its_image(tmp_path: Path) -> None:
    tree = ImageTree(read_dockerfile(ROOT / "web/Dockerfile"), tmp_path / "image")

    done = tree.run("import sqlalchemy")

    assert "No module named 'sqlalchemy' in this image" in done.stderr


@pytest.mark.parametrize("folder", IMAGES)
def test_an_image_is_built_in_stages_from_files_that_are_there(folder: str) -> None:
    dockerfile = read_dockerfile(ROOT / folder / "Dockerfile")
    kept = (ROOT / ".dockerignore").read_text().split()

    assert len(dockerfile.stages) > 1
    assert dockerfile.final.user == "10001:10001"
    for stage in dockerfile.stages:
        for source, _ in stage.copies:
            assert (ROOT / source).exists(), source
            assert any(source.startswith(line[1:]) for line in kept if line[0] == "!"), source


def test_the_dashboard_asks_only_for_metrics_that_exist() -> None:
    asked = (ROOT / "infra/grafana/dashboards/stoa.json").read_text()
    listed = set(re.findall(r"`(stoa_\w+)`", (ROOT / "docs/metrics.md").read_text()))

    names = {name.removesuffix("_bucket") for name in re.findall(r"\bstoa_\w+", asked)}
    assert names <= listed


def test_the_secrets_are_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    def made() -> dict[str, bytes]:
        command = [str(ROOT / "infra/compose/secrets"), str(tmp_path / "private")]
        subprocess.run(command, check=True, capture_output=True)
        found = (tmp_path / "private").iterdir()
        return {path.name: path.read_bytes() for path in found if path.is_file()}

    first = made()

    assert made() == first
    assert set(read_compose(EMAIL).given["secrets"]) == set(first)
    assert len(set(first.values())) == len(first)
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
