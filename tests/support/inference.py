"""Inference as tests use it: the real app on a loopback port, its engine the shipped simulator.

with running_inference(ScriptRule(pattern="capital", answer="Rome.")) as address:
    InferenceClient(httpx2.AsyncClient(base_url=address), sign_for_inference)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from contracts.generation import GenerationRequest, PromptMessage
from contracts.principal import Principal
from inference.main import build_app
from inference.settings import QueueLimits, ScriptRule, Settings, SimulatorSettings, TimeLimits
from runtime.service_auth import ServiceTokens
from runtime.settings import SharedSettings
from tests.support.serving import served

SECRET = "a secret of the test installation, 32+"
ADA = Principal(workspace_id="ws_ada", member_id="mem_ada")


def sign_for_inference(principal: Principal) -> str:
    return ServiceTokens(SECRET.encode(), "gateway").sign("inference", principal)


def inference_settings(
    simulator: SimulatorSettings,
    queue: QueueLimits | None = None,
    time: TimeLimits | None = None,
) -> Settings:
    return Settings(
        engines=(simulator,),
        queue=queue or QueueLimits(),
        time=time or TimeLimits(),
        shared=SharedSettings(service_secret=SecretStr(SECRET), service_secret_file=None),
    )


@contextmanager
def running_inference(*rules: ScriptRule, **simulator: Any) -> Iterator[str]:
    """The address of an inference that serves the model `simulator`, until the block ends."""
    settings = SimulatorSettings(kind="simulator", rules=rules, **simulator)
    with served(build_app(inference_settings(settings))) as address:
        yield address


def asking(text: str, model: str = "simulator", **fields: Any) -> GenerationRequest:
    """A request with one user message."""
    messages = [PromptMessage(role="user", content=text)]
    return GenerationRequest(model=model, messages=messages, **fields)
