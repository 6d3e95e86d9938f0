"""What an engine says it used is charged as far as it can be true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.generation import EngineUsage, GenerationChunk
from gateway.answering.rules import Meter, TokenBounds
from tests.unit.gateway_money.purse import INPUT, MOST_PICO, OUTPUT, Books, Purse, ended, planned

BOUNDS = TokenBounds(prompt_tokens=INPUT, input_tokens=INPUT, output_tokens=OUTPUT)
COUNTS = st.integers(min_value=0, max_value=3 * INPUT)


def told(usage: EngineUsage | None, bounds: TokenBounds | None = BOUNDS) -> EngineUsage | None:
    """What a meter makes of a chunk with this count."""
    meter = Meter(bounds=bounds)
    meter.hear(GenerationChunk(text="word", usage=usage, engine="e"))
    return meter.usage


@given(COUNTS, COUNTS, COUNTS)
def test_no_count_is_believed_beyond_what_was_reserved(
    input_tokens: int, cached_tokens: int, output_tokens: int
) -> None:
    said = EngineUsage(
        input_tokens=input_tokens, cached_tokens=cached_tokens, output_tokens=output_tokens
    )
    believed = BOUNDS.believable(said)

    assert believed.input_tokens <= INPUT
    assert believed.output_tokens <= OUTPUT
    assert believed.cached_tokens <= believed.input_tokens
    assert believed.estimated is (believed != said)


def test_a_possible_count_is_the_engines_own() -> None:
    said = EngineUsage(input_tokens=INPUT, cached_tokens=INPUT, output_tokens=OUTPUT)

    assert told(said) == said


def test_a_chunk_without_a_count_changes_none() -> None:
    assert told(None) is None


@pytest.mark.parametrize(
    "lie",
    [
        EngineUsage(input_tokens=INPUT, output_tokens=10**9),
        EngineUsage(input_tokens=10**9, output_tokens=OUTPUT),
        EngineUsage(input_tokens=INPUT, cached_tokens=10**9, output_tokens=OUTPUT),
    ],
)
async def test_an_engine_that_lies_costs_no_more_than_was_held(
    purse: Purse, lie: EngineUsage
) -> None:
    await purse.reservations.reserve(planned("req_1"))
    believed = told(lie)
    assert believed is not None
    await purse.reservations.settle(ended("req_1", usage=believed))
    books = await purse.books()

    assert 0 < books.charged_pico <= MOST_PICO
    assert books == Books(books.charged_pico, 1, books.charged_pico, 0, 0)
