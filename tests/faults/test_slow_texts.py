"""Texts of 1 MB, worst for whatever reads them: nothing takes long, no loop stands still."""

import asyncio
import time
from collections.abc import Callable

import pytest

from contracts.conversations import MessageView, TurnStatus
from gateway.citations.rules.sentences import _LAST_WORD, sentence_spans
from gateway.planning.blocks import harmless
from inference.generation.rules import broken_up
from ingest.parsing.text_cleaning import tidied
from ingest.suspicion import flags_of
from runtime.redaction import redacted
from tests.support.hostile_texts import ALL
from tests.support.regexes import Regex, regexes, slowest
from web.chat.answers import shown_answers

pytestmark = pytest.mark.timeout(1_500)  # each of some hundred regexes, on each of its worst texts

MEGABYTE = 1_000_000
SECONDS, LAG_SECONDS = 1.0, 0.2
PUMPS = (
    " ", "\n", "\t", "a", "a ", "中", "。", ". ", "<", ">", "[", "]", "(", "![", "[a](", "*",
    "**a_ ", "_", "`", "~", "|", "|a", "> ", "- ", "- a\n", "a\n", "# a\n", "1. ", "&",
    "&#", "\\", "<a:",
    "```\n", "|a|b|\n|-|-|\n", "\u200b", "e\u0301", "http://a.b/", "a.", "a@", "<|", "[INST",
    "</passage", "ignore ", "忽略", "—", "0", "0,", "“", "\U000e0041", '"', "'", "{{", "%",
)  # fmt: skip


def filled(pump: str, size: int = MEGABYTE) -> str:
    return (pump * (size // len(pump) + 1))[:size]


@pytest.fixture(scope="module")
def known() -> list[Regex]:
    return regexes()


def test_no_regex_needs_a_second_for_a_megabyte(known: list[Regex]) -> None:
    slow = {}
    for regex in known:
        if regex.pattern == _LAST_WORD:
            continue  # searched in the last 60 characters before a stop
        seconds, text = slowest(regex, MEGABYTE, SECONDS, ends=("\x00",))
        if seconds >= SECONDS:
            slow[regex.place] = (seconds, text)

    assert slow == {}


@pytest.mark.parametrize(
    "reads",
    [broken_up, harmless, redacted, tidied],
    ids=lambda function: function.__name__,
)
def test_what_goes_over_whole_texts_is_quick(reads: Callable[[str], object]) -> None:
    slow = {}
    for pump in PUMPS:
        text = filled(pump)
        started = time.process_time()
        reads(text)
        seconds = time.process_time() - started
        if seconds >= SECONDS:
            slow[pump] = seconds

    assert slow == {}


def test_a_passage_far_too_long_is_cut_into_sentences_in_time() -> None:
    for pump in PUMPS:
        text = filled(pump, 100_000)
        started = time.process_time()
        sentence_spans(text)

        assert time.process_time() - started < SECONDS, pump


def test_a_passage_is_looked_at_for_instructions_in_no_time() -> None:
    # A passage has some hundred tokens; this is far more than any.
    for pump in PUMPS:
        started = time.process_time()
        flags_of(filled(pump, 10_000))

        assert time.process_time() - started < 0.1, pump


async def test_an_answer_is_shown_while_others_are_served() -> None:
    slow = {}
    for pump in (*PUMPS, "\n\n".join(ALL)):
        for size in (MEGABYTE, 16_000):
            found = await _shown_beside_a_clock(filled(pump, size))
            for _ in range(3):  # a busy machine stands still, and does other things, by itself
                if found[0] >= SECONDS or found[1] >= LAG_SECONDS:
                    found = await _shown_beside_a_clock(filled(pump, size))
            if found[0] >= SECONDS or found[1] >= LAG_SECONDS:
                slow[pump[:20], size] = found

    assert slow == {}


async def _shown_beside_a_clock(text: str) -> tuple[float, float]:
    """CPU time of showing the text as an answer, and the longest the loop stood still."""
    longest, is_done = 0.0, False

    async def tick() -> None:
        nonlocal longest
        while not is_done:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before)

    async with asyncio.TaskGroup() as group:
        group.create_task(tick())
        await asyncio.sleep(0)
        started = time.process_time()
        await shown_answers([_answer(text)])
        seconds = time.process_time() - started
        is_done = True
    return seconds, longest


def _answer(text: str) -> MessageView:
    return MessageView(
        id="msg_1",
        parent_id=None,
        role="assistant",
        content=text,
        status=TurnStatus.COMPLETE,
        turn_id="turn_1",
        created_at=0,
    )
