"""Log lines as JSON objects, each with the id of the request it belongs to, none with a secret."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from contracts.ids import new_id
from runtime import telemetry
from runtime.redaction import redacted

REQUEST_ID = "x-request-id"
"""The header that carries a request's id from process to process."""

request_id_of_task: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request the current task works for."""

_WELL_FORMED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$")
_OURS = (
    *("stoa", "contracts", "runtime", "embedding"),
    *("gateway", "retrieval", "inference", "ingest", "web"),
)
_NOISY = ("httpx2", "httpcore2", "celery.app.trace", "opentelemetry")


def accepted_id(offered: str) -> str:
    """The id a caller gave, if it looks like one; else a new one."""
    return offered if _WELL_FORMED.match(offered) else new_id("req_")


@contextmanager
def working_for(request_id: str) -> Iterator[None]:
    """Whatever is logged and sent inside belongs to this request."""
    token = request_id_of_task.set(request_id)
    try:
        yield
    finally:
        request_id_of_task.reset(token)


class JsonLines(logging.Formatter):
    """One JSON object a line: line breaks in a message cannot forge another entry."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        request_id = request_id_of_task.get()
        if request_id is not None:
            entry["request_id"] = request_id
        trace_id = telemetry.trace_id()
        if trace_id is not None:
            entry["trace_id"] = trace_id
        entry |= getattr(record, "facts", {})
        if record.exc_info:
            entry["error"] = redacted(self.formatException(record.exc_info))
        return _in_one_line(json.dumps(entry, ensure_ascii=False, default=str))


def _in_one_line(text: str) -> str:
    """JSON leaves U+2028, U+0085 and the marks that turn a line round as they are: readers of logs
    break lines there. And half a surrogate pair could not be written at all."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def configure_logs(service: str, level: str = "INFO") -> None:
    """Send all logs of the process to standard error, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.root.handlers[:] = [handler]
    # The libraries' DEBUG quotes bodies, rows and signed headers; theirs begins at INFO.
    logging.root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    # Python's own warnings would be the only lines that are no JSON.
    logging.captureWarnings(capture=True)
    # `runtime.observing` writes the one line a request, without query strings.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
