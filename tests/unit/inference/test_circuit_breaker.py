"""A server that keeps failing is left alone for a while."""

import pytest

from inference.adapters.circuit_breaker import CircuitBreaker
from inference.errors import EngineUnavailable


class Clock:
    """Time as the test tells it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    broken = CircuitBreaker(failures=2, pause_seconds=5, clock=clock)
    broken.failed()
    broken.failed()
    return broken


def test_one_failure_changes_nothing(clock: Clock) -> None:
    breaker = CircuitBreaker(failures=2, pause_seconds=5, clock=clock)
    breaker.failed()

    breaker.enter()

    assert not breaker.is_open


def test_repeated_failures_refuse_calls_and_say_for_how_long(breaker: CircuitBreaker) -> None:
    with pytest.raises(EngineUnavailable) as refused:
        breaker.enter()

    assert refused.value.retry_after_seconds == 5


def test_after_the_pause_one_call_tries(breaker: CircuitBreaker, clock: Clock) -> None:
    clock.now += 6
    breaker.enter()

    with pytest.raises(EngineUnavailable):
        breaker.enter()


def test_a_try_that_works_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    clock.now += 6
    breaker.enter()
    breaker.succeeded()

    breaker.enter()

    assert not breaker.is_open


def test_a_try_that_fails_starts_another_pause(breaker: CircuitBreaker, clock: Clock) -> None:
    clock.now += 6
    breaker.enter()
    breaker.failed()

    assert breaker.is_open


def test_a_try_without_outcome_lets_another_one_try(breaker: CircuitBreaker, clock: Clock) -> None:
    clock.now += 6
    breaker.enter()
    breaker.left()

    breaker.enter()
