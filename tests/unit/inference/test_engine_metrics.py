"""An engine's own counters, read off its page of metrics."""

import pytest

from contracts.engines import Tokens
from inference.adapters.engine_metrics import LLAMACPP_COUNTERS, VLLM_COUNTERS, read_metrics

VLLM = """\
# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="qwen"} 1203.0
vllm:prompt_tokens_total{engine="1",model_name="qwen"} 97.0
vllm:prompt_tokens_total{engine="0",model_name="other"} 5000.0
# HELP vllm:prompt_tokens_created Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_created gauge
vllm:prompt_tokens_created{engine="0",model_name="qwen"} 1.7637e+09
# TYPE vllm:prompt_tokens_by_source_total counter
vllm:prompt_tokens_by_source_total{engine="0",model_name="qwen",source="local_compute"} 900.0
# TYPE vllm:prompt_tokens_cached_total counter
vllm:prompt_tokens_cached_total{engine="0",model_name="qwen"} 303.0
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{engine="0",model_name="qwen"} 77.0
# TYPE vllm:request_success_total counter
vllm:request_success_total{engine="0",finished_reason="abort",model_name="qwen"} 2.0
"""
LLAMACPP = """\
# HELP llamacpp:prompt_tokens_total Number of prompt tokens processed.
# TYPE llamacpp:prompt_tokens_total counter
llamacpp:prompt_tokens_total 80
# HELP llamacpp:prompt_tokens_cached_total Number of prompt tokens reused from the cache.
# TYPE llamacpp:prompt_tokens_cached_total counter
llamacpp:prompt_tokens_cached_total 78
# HELP llamacpp:tokens_predicted_total Number of generation tokens processed.
# TYPE llamacpp:tokens_predicted_total counter
llamacpp:tokens_predicted_total 40
# HELP llamacpp:n_busy_slots_per_decode Average number of busy slots
# TYPE llamacpp:n_busy_slots_per_decode gauge
llamacpp:n_busy_slots_per_decode 1
"""


def test_vllm_counts_prompts_whole_and_each_model_apart() -> None:
    page = read_metrics(VLLM, VLLM_COUNTERS, "qwen")

    assert page.counted == Tokens(input_tokens=1300, cached_tokens=303, output_tokens=77)
    assert page.begun == 1.7637e9


def test_what_llamacpp_found_in_its_cache_is_part_of_its_prompts() -> None:
    page = read_metrics(LLAMACPP, LLAMACPP_COUNTERS, "whatever")

    assert page.counted == Tokens(input_tokens=158, cached_tokens=78, output_tokens=40)
    assert page.counts_cached


def test_a_llamacpp_that_does_not_count_its_cache_is_seen_as_such() -> None:
    lines = [line for line in LLAMACPP.splitlines() if "cached" not in line]
    page = read_metrics("\n".join(lines) + "\n", LLAMACPP_COUNTERS, "whatever")

    assert page.counted == Tokens(input_tokens=80, cached_tokens=0, output_tokens=40)
    assert not page.counts_cached


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html>",
        LLAMACPP,
        VLLM.replace("77.0", "-1"),
        VLLM.replace("77.0", "nan"),
        VLLM.replace("77.0", "1e300"),
    ],
)
def test_a_page_that_holds_no_counters_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match=r"no |invalid"):
        read_metrics(page, VLLM_COUNTERS, "qwen")
