"""Where OpenAI-style servers differ: extra fields, running counts, how they count tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.generation import EngineUsage, GenerationRequest
from inference.adapters.engine_metrics import LLAMACPP_COUNTERS, VLLM_COUNTERS, CounterNames

Json = Mapping[str, Any]
_MOST_TOKENS = 100_000_000


@dataclass(frozen=True)
class Dialect:
    """One family of servers.

    running_usage: reads the running counts out of an event, if they are in it.
    text_count_path, prompt_count_path: None when the server cannot count; then the usage of a
    one-token answer is the nearest honest count.
    kept_connections: llama.cpp gives each open connection a thread of its few, and a call beyond
    them waits 5 s for an idle one to be given up.
    counters: what its page of metrics calls its counters; None: it has none that we know.
    busy_words: in a 503 they mean that the line is full, not that the server is gone.
    """

    name: str
    stream_options: Json
    extra_fields: Callable[[GenerationRequest], dict[str, Any]]
    running_usage: Callable[[Json], EngineUsage | None]
    text_count_path: str | None = None
    prompt_count_path: str | None = None
    text_field: str = "content"
    kept_connections: int = 16
    busy_words: tuple[str, ...] = ()
    counters: CounterNames | None = None

    @property
    def has_running_usage(self) -> bool:
        """Whether an aborted answer can be charged exactly."""
        return self.name != "plain"


def usage_of(event: Json) -> EngineUsage | None:
    """OpenAI's usage object, where an event has one."""
    usage = event.get("usage")
    if not usage:
        return None
    details = usage.get("prompt_tokens_details") or {}
    written = usage.get("completion_tokens_details") or {}
    return _checked(
        usage["prompt_tokens"],
        details.get("cached_tokens") or 0,
        usage["completion_tokens"],
        written.get("reasoning_tokens") or 0,
    )


def _timings_of(event: Json) -> EngineUsage | None:
    timings = event.get("timings")
    if not timings:
        return None
    cached = timings["cache_n"]
    return _checked(cached + timings["prompt_n"], cached, timings["predicted_n"])


def _checked(
    input_tokens: int, cached_tokens: int, output_tokens: int, reasoning_tokens: int = 0
) -> EngineUsage:
    # They are multiplied with prices: numbers that no window could hold are nonsense.
    if max(input_tokens, cached_tokens, output_tokens, reasoning_tokens) > _MOST_TOKENS:
        raise ValueError("more tokens than any window holds")
    return EngineUsage(
        input_tokens=input_tokens,
        cached_tokens=cached_tokens,
        output_tokens=output_tokens,
        reasoning_tokens=reasoning_tokens,
    )


def _llamacpp_fields(_: GenerationRequest) -> dict[str, Any]:
    return {"timings_per_token": True, "cache_prompt": True}


def _vllm_fields(request: GenerationRequest) -> dict[str, Any]:
    return {"cache_salt": request.cache_salt} if request.cache_salt else {}


def _no_fields(_: GenerationRequest) -> dict[str, Any]:
    return {}


LLAMACPP = Dialect(
    name="llamacpp",
    stream_options={"include_usage": True},
    extra_fields=_llamacpp_fields,
    running_usage=_timings_of,
    text_count_path="/tokenize",
    prompt_count_path="/v1/chat/completions/input_tokens",
    kept_connections=0,
    counters=LLAMACPP_COUNTERS,
)
VLLM = Dialect(
    name="vllm",
    stream_options={"include_usage": True, "continuous_usage_stats": True},
    extra_fields=_vllm_fields,
    running_usage=usage_of,
    text_count_path="/tokenize",
    prompt_count_path="/tokenize",
    text_field="prompt",
    busy_words=("currently busy", "backlog limit"),
    counters=VLLM_COUNTERS,
)
PLAIN = Dialect(
    name="plain",
    stream_options={"include_usage": True},
    extra_fields=_no_fields,
    running_usage=usage_of,
)
DIALECTS: Mapping[str, Dialect] = {each.name: each for each in (LLAMACPP, VLLM, PLAIN)}
