"""An engine's own counters, out of its page of metrics in Prometheus' text format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from contracts.engines import Tokens

_LARGEST = 10**15
"""More tokens than any engine lives to count: what says so is no counter."""


@dataclass(frozen=True)
class CounterNames:
    """What a family of servers calls its counters of tokens.

    prompt_holds_cached: vLLM counts a prompt whole, llama.cpp only what it had to read of it.
    begun: when counting began, in Unix seconds, for servers that others start.
    """

    prompt: str
    cached: str
    written: str
    prompt_holds_cached: bool
    begun: tuple[str, ...] = ()


VLLM_COUNTERS = CounterNames(
    prompt="vllm:prompt_tokens_total",
    cached="vllm:prompt_tokens_cached_total",
    written="vllm:generation_tokens_total",
    prompt_holds_cached=True,
    begun=("vllm:prompt_tokens_created", "process_start_time_seconds"),
)
LLAMACPP_COUNTERS = CounterNames(
    prompt="llamacpp:prompt_tokens_total",
    cached="llamacpp:prompt_tokens_cached_total",
    written="llamacpp:tokens_predicted_total",
    prompt_holds_cached=False,
)


@dataclass(frozen=True)
class MetricsPage:
    """What the page says. begun: None when the server does not tell.

    counts_cached: False for servers of before they counted what came out of a cache.
    """

    counted: Tokens
    begun: float | None
    counts_cached: bool


def read_metrics(page: str, names: CounterNames, served_name: str) -> MetricsPage:
    """The counters of one model. Raises ValueError when the page does not hold them."""
    sums: dict[str, float] = {}
    begun: dict[str, float] = {}
    for sample in _samples(page):
        if sample.labels.get("model_name", served_name) != served_name:
            continue  # another model of the same server
        if sample.name in names.begun:
            begun[sample.name] = max(sample.value, begun.get(sample.name, 0.0))
        else:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    prompt, written = _whole(sums, names.prompt), _whole(sums, names.written)
    counts_cached = names.cached in sums
    cached = _whole(sums, names.cached) if counts_cached else 0
    if counts_cached and not names.prompt_holds_cached:
        prompt += cached
    if not counts_cached and names.prompt_holds_cached:
        counts_cached = True  # the prompts are whole all the same; only their price is unknown
    return MetricsPage(
        Tokens(input_tokens=prompt, cached_tokens=cached, output_tokens=written),
        next((begun[name] for name in names.begun if name in begun), None),
        counts_cached,
    )


def _samples(page: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(page):
        yield from family.samples


def _whole(sums: Mapping[str, float], name: str) -> int:
    if name not in sums:
        raise ValueError(f"no {name} on the page")
    value = sums[name]
    if not 0 <= value <= _LARGEST:
        raise ValueError(f"{name} is no count")
    return int(value)
