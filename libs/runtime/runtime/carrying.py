"""What travels along with work from process to process: the request's id and the trace."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from runtime import telemetry
from runtime.logs import REQUEST_ID, accepted_id, request_id_of_task, working_for

NAMES = (REQUEST_ID, *telemetry.HEADERS)


def carried() -> dict[str, str]:
    """Headers for whoever works on for the current request."""
    headers = telemetry.outgoing()
    request_id = request_id_of_task.get()
    if request_id is not None:
        headers[REQUEST_ID] = request_id
    return headers


@contextmanager
def going_on_with(name: str, headers: Mapping[str, object]) -> Iterator[telemetry.Span]:
    """Work that somebody's message asked for; without an id of theirs it gets its own."""
    known = {key: str(headers[key]) for key in NAMES if key in headers}
    request_id = accepted_id(known.get(REQUEST_ID, ""))
    with (
        working_for(request_id),
        telemetry.span(name, "consumer", {"stoa.request_id": request_id}, known) as span,
    ):
        yield span
