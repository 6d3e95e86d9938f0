"""A server that is not as the settings describe it: named at the start, and in readiness."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from inference.adapters.engine_openai import OpenAiEngine
from inference.adapters.engine_simulator import SimulatorEngine
from inference.adapters.simulator_server import build_simulator_app
from inference.errors import EngineUnavailable, NotServedThere
from inference.settings import OpenAiSettings, SimulatorSettings, TimeLimits
from tests.support.engines import free_port
from tests.support.serving import served
from tests.support.waiting import wait_until
from tests.unit.inference.test_start import inference

MODEL = "qwen2.5-coder-0.5b-instruct"


@contextmanager
def simulated_vllm(model: str = MODEL, window_tokens: int = 4_096) -> Iterator[str]:
    settings = SimulatorSettings(kind="simulator", model=model, window_tokens=window_tokens)
    with served(build_simulator_app(SimulatorEngine(settings))) as address:
        yield address


def named(address: str, **more: Any) -> dict[str, Any]:
    return {"kind": "openai", "model": MODEL, "url": f"{address}/v1"} | more


def test_a_model_that_is_not_served_ends_the_start_in_one_sentence() -> None:
    with simulated_vllm("llama") as address, inference(free_port(), named(address)) as process:
        _, said = process.communicate(timeout=60)

    assert process.returncode == 2
    assert f"the server at {address}/v1 does not serve {MODEL}; it serves llama" in said
    assert len(said.strip().splitlines()) == 1


def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    port, vllm = free_port(), free_port()
    with inference(port, named(f"http://127.0.0.1:{vllm}")):
        said = wait_until(lambda: _unready(port), seconds=60, what="inference to answer")

    assert said == f"no engine of {MODEL} answers at http://127.0.0.1:{vllm}/v1 yet"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"served_name": "gpt-9"}, f"does not serve gpt-9; it serves {MODEL}"),
        ({"window_tokens": 8_192}, "a window of 4096 tokens, fewer than window_tokens, 8192"),
    ],
)
async def test_what_is_wrong_is_said(changes: dict[str, Any], words: str) -> None:
    with simulated_vllm() as address, pytest.raises(NotServedThere) as wrong:
        await _self_test(OpenAiSettings(**named(address, **changes)))

    assert words in wrong.value.message


async def test_a_server_as_described_passes() -> None:
    with simulated_vllm() as address:
        await _self_test(OpenAiSettings(**named(address)))


async def test_a_refused_key_is_called_that() -> None:
    app = FastAPI()

    @app.get("/v1/models", status_code=401)
    async def models() -> None:
        """Nobody may look."""

    with served(app) as address, pytest.raises(NotServedThere) as wrong:
        await _self_test(OpenAiSettings(**named(address)))

    assert "refuses the key" in wrong.value.message


async def test_a_server_without_a_list_is_believed() -> None:
    with served(FastAPI()) as address:
        engine = OpenAiEngine(OpenAiSettings(**named(address)), TimeLimits())
        await engine.check_served()
        await engine.close()


async def test_nobody_there_is_no_wrong_server() -> None:
    with pytest.raises(EngineUnavailable):
        await _self_test(OpenAiSettings(**named("http://127.0.0.1:9")))


async def _self_test(settings: OpenAiSettings) -> None:
    engine = OpenAiEngine(settings, TimeLimits())
    try:
        await engine.self_test()
    finally:
        await engine.close()


def _unready(port: int) -> str | None:
    """What readiness says is wrong; None while nothing answers."""
    try:
        answer = httpx2.get(f"http://127.0.0.1:{port}/health/ready")
    except httpx2.HTTPError:
        return None
    return next((check["detail"] for check in answer.json()["checks"] if not check["ok"]), None)
