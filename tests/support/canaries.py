"""Secrets and texts that must turn up nowhere, and everything a process says while they go by.

with saying_everything("web") as heard:   # logs as in production at DEBUG, and traces
    …
heard.log, heard.traces                   # afterwards
leaks(heard.log, heard.traces, metrics)   # what was found there, and should not have been
"""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import AnyHttpUrl

from runtime.logs import JsonLines, configure_logs
from runtime.telemetry import close_traces, configure_traces
from tests.support.collector import Collector
from tests.support.serving import served

PASSWORD = "canary-password-Zr8vQ2"
TEXT = "canary-text-of-a-document-Lw4Tn9"
PROMPT = "canary-question-Xc7Bd1"
KEY = "sk-stoa-canaryKEYcanaryKEYcanaryKEYcanaryKEY42"
SESSION = "ses-stoa-canarySESSIONcanarySESSIONcanarySESS42"
SERVICE = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJjYW5hcnkifQ.canarySIGNATUREcanary"
FORGED_LINE = '\r\n{"level": "error", "message": "canary-forged-line"}\x1b[31m\u2028canary-tail'
CANARIES = (PASSWORD, TEXT, PROMPT, KEY, SESSION, SERVICE, "canary-forged-line", "canary-tail")

HEADERS = {
    "user-agent": TEXT,
    "x-api-key": KEY,
    "x-request-id": "; canary-tail",
    "x-stoa-visitor": SERVICE,
    "x-forwarded-for": "canary-tail",
    "x-forwarded-host": "canary-tail.example.org",
    "traceparent": "00-canary-tail",
    "tracestate": "canary=canary-tail",
    "baggage": f"key={KEY}",
    "idempotency-key": TEXT,
    "accept-language": "canary-tail",
    "referer": f"https://example.org/?token={PASSWORD}",
}
QUERY = {"token": PASSWORD, "api_key": KEY, "q": PROMPT + FORGED_LINE, "after": TEXT}


@dataclass
class Heard:
    """What a process said."""

    _lines: io.StringIO = field(default_factory=io.StringIO)
    collector: Collector = field(default_factory=Collector)

    @property
    def log(self) -> str:
        return self._lines.getvalue()

    @property
    def traces(self) -> str:
        return b"".join(self.collector.raw).decode(errors="replace")

    @property
    def stream(self) -> io.StringIO:
        return self._lines

    def not_ours(self) -> list[str]:
        """Lines, in Python's wide idea of one, that are no object of ours."""
        return [line for line in self.log.splitlines() if not line.startswith('{"at": ')]


@contextmanager
def saying_everything(service: str) -> Iterator[Heard]:
    """Logs as the process configures them, at DEBUG; and its traces, sent to a collector."""
    heard = Heard()
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    before = [(each, each.level) for each in [logging.root, *loggers]]
    handlers = logging.root.handlers[:]
    with served(heard.collector.app) as address:
        configure_logs(service, "DEBUG")
        [handler] = logging.root.handlers
        assert isinstance(handler, logging.StreamHandler)
        assert isinstance(handler.formatter, JsonLines)
        handler.setStream(heard.stream)
        configure_traces(service, AnyHttpUrl(address))
        try:
            yield heard
        finally:
            close_traces()
            logging.captureWarnings(capture=False)
            logging.root.handlers[:] = handlers
            for each, level in before:
                each.setLevel(level)


def leaks(*places: str, also: tuple[str, ...] = ()) -> list[str]:
    """Lines of the places that hold a canary."""
    found = []
    for line in (line for place in places for line in place.splitlines()):
        at = min((line.find(canary) for canary in (*CANARIES, *also) if canary in line), default=-1)
        if at >= 0:
            found.append(line[max(0, at - 200) : at + 100])
    return found


def of_schema(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Any:
    """A body of the schema's shape with a canary in each text."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for way in ("anyOf", "oneOf", "allOf"):
        if schema.get(way):
            return of_schema(schema[way][0], schemas, depth)
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [""])[0])
    if kind == "array":
        return [of_schema(schema.get("items", {}), schemas, depth + 1)] * schema.get("minItems", 1)
    if kind == "object":
        parts = schema.get("properties", {}) if depth < _DEEPEST else {}
        return {name: of_schema(part, schemas, depth + 1) for name, part in parts.items()}
    return {"integer": 1, "number": 0.5, "boolean": True}.get(str(kind), TEXT + FORGED_LINE)


_DEEPEST = 8


def wrong(value: Any) -> Any:
    """The same with everything of another type, so that each field's refusal speaks."""
    if isinstance(value, dict):
        return {name: wrong(part) for name, part in value.items()} | {TEXT: PROMPT}
    if isinstance(value, list):
        return {TEXT: [wrong(part) for part in value]}
    return [PROMPT + FORGED_LINE] if isinstance(value, str) else TEXT + FORGED_LINE


def bodies_of(operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[bytes]:
    """Bodies for an operation of an OpenAPI document: shaped, wrong, broken off, none at all."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        yield b""
        return
    shaped = of_schema(content["schema"], schemas)
    yield json.dumps(shaped).encode()
    yield json.dumps(wrong(shaped)).encode()
    yield json.dumps(shaped).encode()[:-3]
    yield (TEXT + FORGED_LINE).encode()
