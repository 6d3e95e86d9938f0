"""llama.cpp and vLLM on this processor, the same model, asked in turns.

`python bench/engines.py [--json] [--rounds 3] [--prompt-words 600] [--answer-tokens 64]`: prompt
and answer speed, first token with a cold and a warm prefix, and how far greedy answers agree.
llama.cpp reads the 4-bit file, vLLM the same weights in 16 or 32 bits. Needs `.venv-vllm`
(`make test-vllm` makes it). Minutes; other load makes both slower, so it is part of the result.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import HttpUrl

from contracts.generation import GenerationChunk, GenerationRequest, PromptMessage
from inference.adapters.engine_llamacpp import LlamaCppEngine
from inference.adapters.engine_openai import OpenAiEngine
from inference.ports import Engine
from inference.settings import LlamaCppSettings, OpenAiSettings, TimeLimits
from laptop import vllm
from laptop.lifeline import kill_session, spawn
from laptop.models import entry_named, fetch
from laptop.models.settings import REPOSITORY, read_settings
from laptop.models.transformers_folder import Recipe, transformers_folder
from laptop.settings import inherited_environment

MODEL = "qwen2.5-coder-0.5b-instruct"
WINDOW_TOKENS = 4_096
PORT = 18_184
START_SECONDS = 600
PATIENT = TimeLimits(first_token_seconds=600, between_tokens_seconds=300, total_seconds=1_800)
SAMPLES = (
    "Count from one to ten.",
    "Name the capital of France.",
    "What is 17 plus 25?",
    "Write one sentence about the sea.",
    "用一句话介绍北京。",
    "Translate to Chinese: The library opens at nine.",
    "List three primary colours.",
    "Write a Python function that adds two numbers.",
)


def asking(text: str, max_tokens: int, salt: str = "bench") -> GenerationRequest:
    """A greedy question."""
    messages = [PromptMessage(role="user", content=text)]
    return GenerationRequest(
        model=MODEL, messages=messages, max_tokens=max_tokens, temperature=0, cache_salt=salt
    )


@asynccontextmanager
async def llamacpp() -> AsyncIterator[Engine]:
    """The child that a laptop uses."""
    path = fetch(entry_named(MODEL), read_settings().home)
    settings = LlamaCppSettings(model=MODEL, path=path, window_tokens=WINDOW_TOKENS)
    engine = LlamaCppEngine(settings, PATIENT)
    engine.start()
    try:
        await until_it_answers(engine)
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def vllm_server(folder: Path) -> AsyncIterator[Engine]:
    """The server that `make up ENGINE=vllm` starts."""
    home, entry = read_settings().home, entry_named(MODEL)
    recipe = Recipe(vllm.vllm_python(REPOSITORY), vllm.dtype_here())
    model_folder = transformers_folder(entry, fetch(entry, home), home, recipe)
    key = folder / "key"
    key.write_text(secrets.token_urlsafe(16))
    server = vllm.VllmServer(
        recipe.python, model_folder, MODEL, PORT, key.read_text(), folder / "scratch"
    )
    process = spawn(
        list(server.command()),
        folder / "vllm.log",
        death_signal=vllm.STOP_SIGNAL,
        environment=server.environment(inherited_environment()),
    )
    url = HttpUrl(f"http://127.0.0.1:{PORT}/v1")
    settings = OpenAiSettings(kind="openai", model=MODEL, url=url, api_key_file=key)
    engine = OpenAiEngine(settings, PATIENT)
    try:
        await until_it_answers(engine)
        yield engine
    finally:
        await engine.close()
        kill_session(process)


async def until_it_answers(engine: Engine) -> None:
    """Wait for the first token."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                await engine.self_test()
            except Exception:  # noqa: BLE001 - still starting, whatever it says
                await asyncio.sleep(1)
            else:
                return


async def timed(engine: Engine, request: GenerationRequest) -> dict[str, float]:
    """One answer: seconds to the first token, then tokens a second."""
    began = time.perf_counter()
    first_at, last = 0.0, None
    async with aclosing(engine.generate(request)) as chunks:
        async for chunk in chunks:
            first_at = first_at or time.perf_counter()
            last = chunk.usage
    assert last is not None
    written_seconds = time.perf_counter() - first_at
    return {
        "first_token_seconds": first_at - began,
        "prompt_tokens": last.input_tokens,
        "cached_tokens": last.cached_tokens,
        "answer_tokens": last.output_tokens,
        "answer_tokens_per_second": (last.output_tokens - 1) / written_seconds,
    }


async def one_round(engine: Engine, number: int, words: int, answer_tokens: int) -> dict[str, Any]:
    """A prompt nobody has read, the same again, and a longer answer."""
    # The number comes first: no two rounds may share a prefix.
    text = f"{number} " + " ".join(
        f"Line {n} of the ledger says {n * 7}." for n in range(words // 7)
    )
    cold = await timed(engine, asking(text, 2))
    warm = await timed(engine, asking(text, 2))
    answer = await timed(engine, asking("Write a very long story about the sea.", answer_tokens))
    return {
        "prompt_tokens": cold["prompt_tokens"],
        "prompt_tokens_per_second": cold["prompt_tokens"] / cold["first_token_seconds"],
        "first_token_cold_seconds": cold["first_token_seconds"],
        "first_token_warm_seconds": warm["first_token_seconds"],
        "warm_cached_tokens": warm["cached_tokens"],
        "answer_tokens_per_second": answer["answer_tokens_per_second"],
        "load": os.getloadavg()[0],
    }


async def pieces(engine: Engine, text: str) -> list[str]:
    """A greedy answer, token by token."""
    found: list[GenerationChunk] = []
    async with aclosing(engine.generate(asking(text, 32))) as chunks:
        found = [chunk async for chunk in chunks if chunk.text]
    return [chunk.text for chunk in found]


def equal_characters(left: str, right: str) -> int:
    """How many before the first difference."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(left), len(right)))


async def agreement(one: Engine, other: Engine) -> dict[str, Any]:
    """How much of each greedy answer is the same before the first difference."""
    shares = []
    for sample in SAMPLES:
        left, right = "".join(await pieces(one, sample)), "".join(await pieces(other, sample))
        shares.append(equal_characters(left, right) / max(len(left), len(right), 1))
    return {
        "answers": len(shares),
        "identical": sum(share == 1 for share in shares),
        "mean_equal_share": statistics.mean(shares),
    }


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Both engines run all the time; each round asks one, then the other."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stoa-bench-")))
        engines: dict[str, Engine] = {
            "llamacpp": await stack.enter_async_context(llamacpp()),
            "vllm": await stack.enter_async_context(vllm_server(folder)),
        }
        rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in engines}
        for number in range(options.rounds):
            for name, engine in engines.items():
                rounds[name].append(
                    await one_round(engine, number, options.prompt_words, options.answer_tokens)
                )
        agreed = await agreement(engines["llamacpp"], engines["vllm"])
    medians = {
        name: {key: statistics.median(each[key] for each in found) for key in found[0]}
        for name, found in rounds.items()
    }
    return {"median": medians, "agreement": agreed, "rounds": rounds}


def main() -> None:
    """Run once and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt-words", type=int, default=600)
    parser.add_argument("--answer-tokens", type=int, default=64)
    options = parser.parse_args()
    machine = {"cores": os.cpu_count(), "dtype": vllm.dtype_here(), "load": os.getloadavg()[0]}
    result = {"machine": machine, **asyncio.run(measure(options))}
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for name, figures in result["median"].items():
        print(
            f"{name:<9} prompt {figures['prompt_tokens_per_second']:.0f} tokens/s, answer "
            f"{figures['answer_tokens_per_second']:.1f} tokens/s, first token cold "
            f"{figures['first_token_cold_seconds']:.2f} s, warm "
            f"{figures['first_token_warm_seconds']:.2f} s (load {figures['load']:.1f})"
        )
    agreed = result["agreement"]
    print(
        f"greedy answers: {agreed['identical']} of {agreed['answers']} identical,"
        f" {agreed['mean_equal_share']:.0%} equal before the first difference"
    )


if __name__ == "__main__":
    main()
