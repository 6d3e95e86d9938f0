"""The stack of docker-compose.yml on this machine: its five processes, real stores beside them."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from openai import OpenAI

from tests.support.compose import ROOT, read_compose
from tests.support.compose_run import Machine, Run
from tests.support.engines import postgres_server, valkey_server
from tests.support.models import (
    chat_model_path,
    embedding_model_path,
    models_home,
    spacy_model_path,
)
from tests.support.qdrant_twin import qdrant_twin
from tests.support.s3 import S3Server, s3_server

EMAIL = "olivia@example.org"


@dataclass(frozen=True)
class Composed:
    """The running stack."""

    machine: Machine
    runs: dict[str, Run]
    s3: S3Server

    def secret(self, name: str) -> str:
        return (self.machine.secrets / name).read_text().strip()


@pytest.fixture(scope="package")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    folder = tmp_path_factory.mktemp("compose")
    for needed in (chat_model_path, embedding_model_path, spacy_model_path):
        needed()
    subprocess.run(
        [str(ROOT / "infra/compose/secrets"), str(folder / "secrets")],
        check=True,
        capture_output=True,
    )
    with ExitStack() as stores:
        machine, s3 = _machine(folder, stores)
        for name in ("models", "migrate"):
            run = machine.run_once(name)
            assert run.process.returncode == 0, run.said()
        inner = stores.enter_context(machine.running("inference", "retrieval", "gateway"))
        outer = stores.enter_context(machine.running("worker", "beat", "web"))
        runs = inner | outer
        yield Composed(machine, runs, s3)
        # Tests come in any order, so the end of the stack is watched here: like compose's own.
        ends = {
            name: runs[name].stop()
            for name in ("web", "worker", "beat", "gateway", "retrieval", "inference")
        }
        assert ends == dict.fromkeys(runs, 0), [runs[name].said()[-2000:] for name in ends]


def _machine(folder: Path, stores: ExitStack) -> tuple[Machine, S3Server]:
    """The stores know the passwords of the secret files, as compose's do."""
    private = folder / "secrets"
    postgres = stores.enter_context(postgres_server())
    (private / "postgres_password").write_text(postgres.password)
    valkey = stores.enter_context(valkey_server())
    (private / "valkey_password").write_text(valkey.password)
    s3 = stores.enter_context(s3_server((private / "s3_secret").read_text()))
    qdrant = stores.enter_context(qdrant_twin((private / "qdrant_api_key").read_text()))
    ports = {
        "postgres": postgres.port,
        "valkey": valkey.port,
        "blobs": s3.port,
        "qdrant": int(qdrant.rpartition(":")[2]),
    }
    stack = read_compose({"STOA_ADMIN_EMAIL": EMAIL})
    return Machine(stack, folder, models_home(), ports), s3


@pytest.fixture(scope="package")
def operator(composed: Composed) -> Iterator[httpx2.Client]:
    """The operator whom the settings made, with a session."""
    password = composed.secret("admin_password")
    with httpx2.Client(base_url=composed.machine.address("gateway"), timeout=120) as http:
        answer = http.post("/v1/sessions", json={"email": EMAIL, "password": password})
        assert answer.is_success, answer.text
        http.headers["authorization"] = f"Bearer {answer.json()['token']}"
        yield http


@pytest.fixture(scope="package")
def sdk(composed: Composed, operator: httpx2.Client) -> Iterator[OpenAI]:
    key = operator.post("/v1/keys", json={"name": "parity"}).json()["key"]
    address = composed.machine.address("gateway")
    with OpenAI(base_url=f"{address}/v1", api_key=key, timeout=120) as sdk:
        yield sdk
