"""Does the order of a prompt let the engine keep what it has read, by its own count?

`python bench/prefix.py [--json] [--passage-tokens 400] [--answer-tokens 32]`: one chat of five
turns about our own manual, asked twice of llama.cpp with the laptop's model. As the planner sends
it: instructions, history as it was sent before, this turn's passages, question. And in the usual
other order: history without passages, the passages of all turns so far in the newest message.

reused_share: of what could be reused (everything but the newest message), what the engine had
cached. hit_rate: cached tokens of all prompt tokens. Both over turns two to five. Takes minutes.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from contracts.generation import EngineUsage, GenerationRequest, PromptMessage
from gateway.citations.rules.evidence import terms_of
from gateway.citations.rules.sentences import sentence_spans
from gateway.knowledge.rules import LoadedPassage
from gateway.planning.rules import (
    Budget,
    Material,
    Overhead,
    PastMessage,
    plan,
    texts_to_count,
)
from inference.adapters.engine_llamacpp import LlamaCppEngine
from inference.settings import LlamaCppSettings, TimeLimits

ROOT = Path(__file__).parents[1]
MODEL = "qwen2.5-coder-0.5b-instruct"
MODEL_FILES = ROOT / "var" / "models" / MODEL
WINDOW_TOKENS = 8_192
START_SECONDS = 300
PATIENT = TimeLimits(first_token_seconds=900, between_tokens_seconds=300, total_seconds=1_800)
MANUAL = ("operations.md", "security.md")
BEST = 4
QUESTIONS = (
    "How is a backup made?",
    "How is it restored on another machine?",
    "What happens to keys and sessions after that?",
    "Which addresses may web pages be read from?",
    "Who sees the audit trail?",
)
INSTRUCTIONS = "You help people who run this installation. Answer in one short sentence."


@dataclass(frozen=True)
class Turn:
    """What the engine counted of one prompt. reusable: all of it but the newest message."""

    prompt_tokens: int
    cached_tokens: int
    reusable_tokens: int


@dataclass(frozen=True)
class Order:
    """One order of prompts over a whole chat, the first turn apart: it has nothing to reuse."""

    reused_share: float
    hit_rate: float
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Limits:
    """Tokens of passages in one turn, and of an answer."""

    passage_tokens: int
    answer_tokens: int


def order_of(turns: Sequence[Turn]) -> Order:
    """The figures of a chat."""
    later = turns[1:]
    cached = sum(turn.cached_tokens for turn in later)
    # An engine may have more cached than that: the first letters of the newest message.
    reused = sum(min(turn.cached_tokens, turn.reusable_tokens) for turn in later)
    return Order(
        reused_share=reused / max(1, sum(turn.reusable_tokens for turn in later)),
        hit_rate=cached / max(1, sum(turn.prompt_tokens for turn in later)),
        turns=tuple(turns),
    )


def best_of(passages: Sequence[LoadedPassage], question: str) -> tuple[LoadedPassage, ...]:
    """Those with most words of the question. No index: which are found does not matter here."""
    wanted = terms_of(question).words
    scored = [(len(wanted & terms_of(each.text).words), each) for each in passages]
    ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1].document_id, pair[1].start))
    return tuple(passage for score, passage in ranked[:BEST] if score)


def passages_of(name: str, text: str) -> list[LoadedPassage]:
    """The paragraphs of a manual as passages."""
    found: list[LoadedPassage] = []
    start = 0
    for paragraph in text.split("\n\n"):
        if len(paragraph) >= 80:
            found.append(
                LoadedPassage(
                    passage_id=f"psg_{name}_{start}",
                    file_id=name,
                    filename=name,
                    document_id=name,
                    document_version_id=name,
                    document_version=1,
                    title=name,
                    page=None,
                    header="",
                    start=start,
                    end=start + len(paragraph),
                    text=paragraph,
                    index=len(found) * 2,
                )
            )
        start += len(paragraph) + 2
    return found


class Chat:
    """One chat in one order. keeps_sent: history stays as it was sent, passages included."""

    def __init__(self, engine: LlamaCppEngine, limits: Limits, *, keeps_sent: bool) -> None:
        self._engine = engine
        self._limits = limits
        self._keeps_sent = keeps_sent
        self._history: tuple[PastMessage, ...] = ()
        self._seen: dict[str, LoadedPassage] = {}
        self._asked = 0

    async def ask(self, question: str, found: Sequence[LoadedPassage]) -> Turn:
        """The next turn, as the engine counts it."""
        self._asked += 1
        self._seen |= {each.passage_id: each for each in found}
        offered = tuple(found) if self._keeps_sent else tuple(self._seen.values())
        messages = await self._planned(question, offered)
        text, usage = await self._answered(messages)
        asked = messages[-1].content if self._keeps_sent else question
        self._history += (PastMessage("user", asked), PastMessage("assistant", text))
        reusable = await self._engine.count([], messages[:-1])
        return Turn(usage.input_tokens, usage.cached_tokens, reusable.prompt or 0)

    async def _planned(
        self, question: str, passages: tuple[LoadedPassage, ...]
    ) -> tuple[PromptMessage, ...]:
        material = Material(INSTRUCTIONS, self._history, passages, question)
        texts = texts_to_count(material, _ends_of)
        counted = await self._engine.count(texts, [])
        turns_read = 1 if self._keeps_sent else self._asked
        budget = Budget(
            window_tokens=WINDOW_TOKENS,
            answer_tokens=self._limits.answer_tokens,
            passage_tokens=self._limits.passage_tokens * turns_read,
            overhead=Overhead(fixed=8, per_message=8),
        )
        counts = dict(zip(texts, counted.texts, strict=True))
        return plan(material, counts, budget, _ends_of).messages

    async def _answered(self, messages: Sequence[PromptMessage]) -> tuple[str, EngineUsage]:
        request = GenerationRequest(
            model=MODEL,
            messages=list(messages),
            max_tokens=self._limits.answer_tokens,
            temperature=0,
            cache_salt="kept" if self._keeps_sent else "moved",
        )
        text, usage = "", EngineUsage(input_tokens=0, output_tokens=0)
        async with aclosing(self._engine.generate(request)) as chunks:
            async for chunk in chunks:
                text, usage = text + chunk.text, chunk.usage or usage
        return text, usage


def _ends_of(text: str) -> list[int]:
    return [end for _, end in sentence_spans(text)]


@asynccontextmanager
async def started() -> AsyncIterator[LlamaCppEngine]:
    """The laptop's engine with its model."""
    (path,) = sorted(MODEL_FILES.glob("**/*.gguf"))[:1]
    settings = LlamaCppSettings(model=MODEL, path=path, window_tokens=WINDOW_TOKENS)
    engine = LlamaCppEngine(settings, PATIENT)
    engine.start()
    try:
        async with asyncio.timeout(START_SECONDS):
            while not engine.is_up:  # noqa: ASYNC110 - a child process sets no event
                await asyncio.sleep(0.5)
        yield engine
    finally:
        await engine.close()


async def measure(limits: Limits) -> dict[str, Order]:
    """Both orders, turn by turn in the same minutes."""
    manual = [
        passage
        for name in MANUAL
        for passage in passages_of(name, (ROOT / "docs" / name).read_text(encoding="utf-8"))
    ]
    async with started() as engine:
        chats = {
            "planner": Chat(engine, limits, keeps_sent=True),
            "moving_message": Chat(engine, limits, keeps_sent=False),
        }
        turns: dict[str, list[Turn]] = {name: [] for name in chats}
        for question in QUESTIONS:
            found = best_of(manual, question)
            for name, chat in chats.items():
                turns[name].append(await chat.ask(question, found))
                print(name, turns[name][-1], file=sys.stderr, flush=True)
    return {name: order_of(told) for name, told in turns.items()}


def main() -> None:
    """Run once and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--passage-tokens", type=int, default=400)
    parser.add_argument("--answer-tokens", type=int, default=32)
    options = parser.parse_args()
    limits = Limits(options.passage_tokens, options.answer_tokens)
    orders = asyncio.run(measure(limits))
    ratio = orders["planner"].hit_rate / max(orders["moving_message"].hit_rate, 1e-9)
    if options.json:
        told = {name: asdict(order) for name, order in orders.items()}
        machine = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "model": MODEL}
        print(json.dumps({"machine": machine, **told, "hit_rate_ratio": ratio}, indent=2))
        return
    for name, order in orders.items():
        print(f"{name:<15} reused {order.reused_share:.1%}, hit rate {order.hit_rate:.1%}")
    print(f"hit rate, planner : moving message = {ratio:.1f}")


if __name__ == "__main__":
    main()
