"""What each part of a prompt cost: to the last pico-unit what the ledger has."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.context import Outcome, SegmentKind
from contracts.generation import EngineUsage
from gateway.planning.account import PromptPrice, shares, stored_segments
from gateway.planning.rules import PastMessage
from gateway.usage.rules import TokenPrice, amount_pico
from tests.unit.gateway_chat.passages import LEAVE, passage
from tests.unit.gateway_chat.test_planning import PASSAGES, SYSTEM, planned

COUNTS = st.integers(0, 40_000)
PRICES = st.integers(0, 10**13)


@settings(deadline=None, max_examples=200)
@given(st.lists(COUNTS, min_size=1, max_size=40), COUNTS, st.floats(0, 1), PRICES, PRICES)
def test_the_parts_cost_what_the_ledger_says_of_the_prompt(
    tokens: list[int], counted: int, cached: float, fresh_pico: int, cached_pico: int
) -> None:
    tokens[-1] += 1  # a prompt has a question
    price = PromptPrice(counted, int(counted * cached), fresh_pico, cached_pico)
    usage = EngineUsage(input_tokens=counted, cached_tokens=price.cached_tokens, output_tokens=0)
    ledger = amount_pico(TokenPrice(fresh_pico, cached_pico, 0), usage)
    divided = shares(tokens, price)

    assert sum(each.pico for each in divided) == price.pico == ledger
    assert sum(each.tokens for each in divided) == counted
    assert sum(each.cached_tokens for each in divided) == price.cached_tokens
    assert all(0 <= each.cached_tokens <= each.tokens for each in divided)
    assert all(share.tokens == 0 for share, own in zip(divided, tokens, strict=True) if not own)


def test_what_the_engine_has_cached_is_the_beginning() -> None:
    divided = shares([10, 20, 30], PromptPrice(60, 25, 100, 1))

    assert [each.cached_tokens for each in divided] == [10, 15, 0]
    assert [each.pico for each in divided] == [10, 15 + 500, 3_000]


def test_parts_bear_a_small_difference_of_counts_alike() -> None:
    divided = shares([100, 200, 300], PromptPrice(588, 0, 1, 1))

    assert [each.tokens for each in divided] == [98, 196, 294]


def test_an_account_holds_no_text() -> None:
    history = (PastMessage("user", "Earlier words", "msg_1"), PastMessage("assistant", "Said."))
    stored = stored_segments(planned("Current words?", history))
    written = " ".join(each.model_dump_json() for each in stored)

    assert [each.kind for each in stored][:2] == [SegmentKind.TEMPLATE, SegmentKind.INSTRUCTIONS]
    assert stored[2].message_id == "msg_1"
    assert not any(text in written for text in (SYSTEM, LEAVE, "Earlier", "Current", "Said"))


def test_an_account_says_which_span_of_a_passage_was_sent() -> None:
    stored = stored_segments(planned(passages=(PASSAGES[1],), passage_tokens=30))
    (part,) = [each for each in stored if each.kind is SegmentKind.PASSAGE]

    assert part.outcome is Outcome.SHORTENED
    assert (part.filename, part.page, part.start) == ("a.pdf", 3, passage(LEAVE).start)
    assert part.end is not None
    assert part.end < passage(LEAVE).end
