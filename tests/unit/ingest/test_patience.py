"""Waiting for a neighbour: passing errors are waited out, others are not, and never for ever."""

from collections.abc import Callable

import pytest

from contracts.errors import ErrorBody, ErrorKind, RemoteError, ServiceUnavailable, StoreError
from ingest.patience import LONGEST_WAIT_SECONDS, Patience


def _failing(times: int, error: StoreError) -> Callable[[], str]:
    left = [error] * times

    def call() -> str:
        if left:
            raise left.pop()
        return "done"

    return call


def _remote(kind: ErrorKind) -> RemoteError:
    return RemoteError(kind, ErrorBody(message="no", type="server_error", code="no"))


@pytest.mark.parametrize(
    "error",
    [ServiceUnavailable("away"), _remote(ErrorKind.UNAVAILABLE), _remote(ErrorKind.RATE_LIMITED)],
)
def test_a_passing_error_is_waited_out_with_growing_pauses(error: StoreError) -> None:
    pauses: list[float] = []
    beats: list[int] = []
    answer = Patience(120, pauses.append).of(_failing(4, error), lambda: beats.append(1))

    assert (answer, len(beats)) == ("done", 4)
    assert pauses == sorted(pauses)
    assert max(pauses) <= LONGEST_WAIT_SECONDS


def test_the_wait_ends_when_patience_does() -> None:
    pauses: list[float] = []
    with pytest.raises(ServiceUnavailable):
        Patience(30, pauses.append).of(_failing(100, ServiceUnavailable("away")))

    assert sum(pauses) == pytest.approx(30)


@pytest.mark.parametrize("kind", [ErrorKind.CONFLICT, ErrorKind.NOT_FOUND, ErrorKind.INVALID])
def test_a_refusal_is_not_repeated(kind: ErrorKind) -> None:
    pauses: list[float] = []
    with pytest.raises(RemoteError):
        Patience(30, pauses.append).of(_failing(1, _remote(kind)))

    assert pauses == []


def test_a_lease_lost_while_waiting_ends_the_wait() -> None:
    def lost() -> None:
        raise _remote(ErrorKind.CONFLICT)

    with pytest.raises(RemoteError):
        Patience(30, lambda _: None).of(_failing(9, ServiceUnavailable("away")), lost)
