"""Log lines: one JSON object each, with the request they belong to, without secrets."""

import json
import logging

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runtime.logs import JsonLines, accepted_id, configure_logs, working_for
from runtime.redaction import redacted

SESSION = "ses-stoa-V1StGXR8_Z5jdHi6B-myT"


def _line(message: str, *arguments: object) -> dict[str, object]:
    record = logging.LogRecord("test", logging.INFO, __file__, 1, message, arguments, None)
    written = JsonLines("porch").format(record)
    assert "\n" not in written
    found: dict[str, object] = json.loads(written)
    return found


def test_a_line_break_forges_no_entry() -> None:
    assert _line("%s", 'a\n{"level": "error"}')["message"] == 'a\n{"level": "error"}'


def test_a_line_names_its_request() -> None:
    with working_for("req-12345678"):
        assert _line("inside")["request_id"] == "req-12345678"
    assert "request_id" not in _line("outside")


@pytest.mark.parametrize(
    "offered", ["", "short", "with blank 123", "x" * 65, 'a"}\n{"b": 1}', "é" * 9]
)
def test_an_id_that_is_not_well_formed_is_replaced(offered: str) -> None:
    assert accepted_id(offered).startswith("req_")


@pytest.mark.parametrize("offered", ["5f2b9a7c41d0488ba1c9e0f7d3a6b852", "upload-7f3a9c21"])
def test_a_well_formed_id_is_kept(offered: str) -> None:
    assert accepted_id(offered) == offered


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("redis://:colonnade@127.0.0.1:6379/0 is away", "colonnade"),
        ("postgresql+asyncpg://stoa:colonnade@db/stoa", "colonnade"),
        ("authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        (f"GET /claim?token={SESSION} 200", SESSION),
        (f"session {SESSION} ended", "V1StGXR8"),
        ("key sk-stoa-abcdefghijklmnop revoked", "abcdefghijklmnop"),
        ('{"password": "colonnade-in-the-shade"}', "colonnade"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJnIn0.c2lnbmF0dXJl", "eyJpc3MiOiJnIn0"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert "[hidden]" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "version dvr_01m80w9jz6ynmy1yfzac6xrebx is ready: 12 passages",
        "Uvicorn running on http://127.0.0.1:8080 (Press CTRL+C to quit)",
        "engine openai:qwen2.5 answered 503: tokens: 12",
        "load: control-looking token: 128247 '</s>' was not control-type",
        "ledger row of chatcmpl-1 not written: input_tokens=12 output_tokens=3",
    ],
)
def test_what_is_no_secret_is_left_as_it_is(text: str) -> None:
    assert redacted(text) == text


class _Named(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=5)


@pytest.mark.parametrize(
    "given",
    [
        {"name": "canary in a value"},
        {"name": ["canary in a list", ", input_type=canary]"]},
        {"name": "x", "canary in a name": 1},
        {"name": "x", "canary\r\nin a name\n": {"canary": "canary"}},
        {"name": "canary input_value=canary, input_type=str] canary"},
    ],
)
def test_what_pydantic_quotes_of_its_input_is_hidden(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        _Named.model_validate(given)
    told = (refused.type, refused.value, refused.tb)
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, "bug", (), told)
    written = JsonLines("porch").format(record)

    assert "canary" not in written.replace("test_logs.py", "")
    assert "validation error for _Named" in written
    assert "Traceback" in written
    assert "canary" not in redacted(f"Task raised unexpected: {refused.value}")


@pytest.mark.parametrize(
    "odd", ["\u2028", "\u2029", "\x85", "\x1b[31m", "\u202e", "\ud800", "\x00", "\r"]
)
def test_no_character_of_a_message_breaks_or_turns_a_line(odd: str) -> None:
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "a%sb", (odd,), None)
    written = JsonLines("porch").format(record)

    assert written.isprintable()
    assert json.loads(written)["message"] == f"a{odd}b"


def test_letters_of_all_scripts_stay_readable() -> None:
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "柱廊 στοά é", (), None)

    assert "柱廊 στοά é" in JsonLines("porch").format(record)


def test_debug_is_ours_alone() -> None:
    loggers = [
        logging.root,
        *(logging.getLogger(name) for name in ("gateway", "ingest", "botocore")),
    ]
    before = [(each, each.level) for each in loggers]
    handlers = logging.root.handlers[:]
    try:
        configure_logs("porch", "DEBUG")
        levels = {name: logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in _PLACES}
    finally:
        logging.captureWarnings(capture=False)
        logging.root.handlers[:] = handlers
        for each, level in before:
            each.setLevel(level)

    # botocore's holds signed headers, celery's and sqlalchemy's whole payloads and rows.
    assert levels == {
        "gateway.db": True,
        "ingest.pipeline": True,
        "botocore.auth": False,
        "celery.worker": False,
        "sqlalchemy.engine": False,
        "asyncio": False,
    }


_PLACES = (
    *("gateway.db", "ingest.pipeline"),
    *("botocore.auth", "celery.worker", "sqlalchemy.engine", "asyncio"),
)
