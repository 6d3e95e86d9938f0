"""Inference's settings (prefix `INFERENCE_`): its engines, its queue, its patience."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FilePath, HttpUrl, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.generation import ModelPrice
from runtime.secret_files import FileSettings
from runtime.settings import SharedSettings

DEFAULT_MODEL = "qwen2.5-coder-0.5b-instruct"
DEFAULT_MODEL_FILE = f"{DEFAULT_MODEL}-q4_k_m.gguf"
SMALL_MACHINE_CORES = 8


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0))


class EngineSettings(BaseModel):
    """What every engine is told.

    model: the id callers use. price: needed when the catalogue does not know the model.
    window_tokens: what one answer may use, prompt included. slots: answers side by side.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = Field(min_length=1, max_length=200)
    window_tokens: int = Field(default=4_096, ge=256)
    slots: int = Field(default=2, ge=1, le=1_024)
    price: ModelPrice | None = None


class LlamaCppSettings(EngineSettings):
    """llama.cpp in a child process. port 0: a free one.

    threads: to read prompts with; None: all cores. answer_threads: to write answers with.
    """

    kind: Literal["llamacpp"] = "llamacpp"
    path: FilePath
    port: int = Field(default=0, ge=0, le=65_535)
    threads: int | None = Field(default=None, ge=1, le=256)
    answer_threads: int | None = Field(default=None, ge=1, le=256)
    batch_tokens: int = Field(default=128, ge=32, le=4_096)
    """Prompt tokens read at once. An abort waits for one batch, and so does the other slot."""
    start_seconds: float = Field(default=120, gt=0)

    @property
    def thread_count(self) -> int:
        """Threads to read prompts with."""
        return self.threads or usable_cores()

    @property
    def answer_thread_count(self) -> int:
        """Threads to write answers with."""
        return self.answer_threads or self.thread_count


class OpenAiSettings(EngineSettings):
    """A server that speaks OpenAI's chat API, such as vLLM.

    url: with its `/v1`. served_name: what that server calls the model, when not `model`.
    dialect: how it counts tokens and reports usage (`plain`: nothing beyond OpenAI's own).
    is_small: it runs on a small machine, so prompts should stay short.
    """

    kind: Literal["openai"]
    url: HttpUrl
    api_key_file: FilePath | None = None
    served_name: str | None = None
    dialect: Literal["vllm", "llamacpp", "plain"] = "vllm"
    slots: int = Field(default=64, ge=1, le=4_096)
    is_small: bool = False

    def api_key(self) -> str | None:
        """The server's key, from its file."""
        return None if self.api_key_file is None else self.api_key_file.read_text().strip()


class ScriptRule(BaseModel):
    """What the simulator answers to a last user message that matches `pattern` (None: default).

    The three faults happen after that many tokens: break off, say nothing more, or go down.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str
    answer: str | None = None
    fail_at_token: int | None = Field(default=None, ge=0)
    stall_at_token: int | None = Field(default=None, ge=0)
    die_at_token: int | None = Field(default=None, ge=0)


class SimulatorSettings(EngineSettings):
    """The paced, seeded, scripted simulator. jitter: share of the pace that varies by seed."""

    kind: Literal["simulator"]
    model: str = Field(default="simulator", min_length=1, max_length=200)
    slots: int = Field(default=8, ge=1, le=4_096)
    seed: int = 0
    tokens_per_second: float | None = Field(default=None, gt=0)
    prompt_tokens_per_second: float | None = Field(default=None, gt=0)
    first_token_seconds: float = Field(default=0, ge=0)
    jitter: float = Field(default=0, ge=0, le=1)
    dead_seconds: float = Field(default=1, ge=0)
    rules: tuple[ScriptRule, ...] = ()


AnyEngineSettings = Annotated[
    LlamaCppSettings | OpenAiSettings | SimulatorSettings, Field(discriminator="kind")
]


class QueueLimits(BaseModel):
    """How many may wait for a slot of one engine, and how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    waiting: int = Field(default=16, ge=0)
    waiting_seconds: float = Field(default=30, gt=0)


class TimeLimits(BaseModel):
    """Patience with engines. Two busy cores may need a minute to read a long prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect_seconds: float = Field(default=2, gt=0)
    first_token_seconds: float = Field(default=180, gt=0)
    between_tokens_seconds: float = Field(default=60, gt=0)
    total_seconds: float = Field(default=600, gt=0)
    proof_seconds: float = Field(default=30, ge=0)
    """For so long a generated token proves that an engine is well."""


def _default_engines() -> tuple[AnyEngineSettings, ...]:
    path = SharedSettings().home / "models" / DEFAULT_MODEL / DEFAULT_MODEL_FILE
    return (LlamaCppSettings(model=DEFAULT_MODEL, path=Path(path)),)


class Settings(FileSettings):
    """Everything inference can be told."""

    model_config = SettingsConfigDict(
        env_prefix="INFERENCE_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8082, ge=1, le=65_535)
    engines: tuple[AnyEngineSettings, ...] = Field(default_factory=_default_engines, min_length=1)
    queue: QueueLimits = QueueLimits()
    time: TimeLimits = TimeLimits()
    remembered_counts: int = Field(default=50_000, ge=1)
    shared: SharedSettings = Field(default_factory=SharedSettings)

    @model_validator(mode="after")
    def _one_engine_a_model(self) -> Self:
        models = [engine.model for engine in self.engines]
        twice = {model for model in models if models.count(model) > 1}
        if twice:
            raise ValueError(f"two engines serve {', '.join(sorted(twice))}; one each is possible")
        return self


class SimulatorServerSettings(BaseSettings):
    """The simulator as a server of its own (`inference.adapters.simulator_server`)."""

    model_config = SettingsConfigDict(env_prefix="INFERENCE_", frozen=True, extra="ignore")

    simulator: SimulatorSettings = SimulatorSettings(kind="simulator")
    simulator_port: int = Field(default=8000, ge=1, le=65_535)
