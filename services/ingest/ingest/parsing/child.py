"""The jailed process: `python -m ingest.parsing.child` reads order.json in its folder.

Its result goes to a file it was handed open, never to a name it could point elsewhere.
"""

import importlib
import os
import sys
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict

from ingest.errors import FileRefused, InvalidFile
from ingest.parsing import confinement
from ingest.parsing.confinement import SIGNALLED, JailLimits
from ingest.parsing.drawn import PictureLimits
from ingest.parsing.parsed import Parsed

ORDER_FILE = "order.json"


class DrawOrder(BaseModel):
    """Draw the pages of a PDF instead, from one on. `artist` is a module with `draw(…)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artist: str
    first_page: int
    limits: PictureLimits


class ParseOrder(BaseModel):
    """What to parse and under which limits. `parser` is a module with `parse(source, filename)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parser: str
    source: str
    filename: str
    parent: int
    result_descriptor: int
    limits: JailLimits
    drawing: DrawOrder | None = None
    avatar: str | None = None
    """A module with `drawn(source)`: make an assistant's picture instead."""


class ParseAnswer(BaseModel):
    """Exactly one of `parsed` and `reason`. `bug` names the error behind a reason, for the log."""

    network_closed: bool
    parsed: Parsed | None = None
    reason: str | None = None
    code: Literal["invalid_file", "unsupported_file"] = "invalid_file"
    bug: str | None = None


def main() -> int:
    """Give everything up, then parse. The exit code is 0 whenever an answer was written."""
    order = ParseOrder.model_validate_json(Path(ORDER_FILE).read_bytes())
    confinement.die_with(order.parent)
    is_isolated = confinement.isolate()
    if is_isolated:
        # Changing credentials clears the wish to die with the parent: say it again.
        confinement.die_with(order.parent)
        inner = os.fork()  # the first process of the new namespace: all others die with it
        if inner:
            return _ending_of(inner)
        confinement.die_with(0)  # the parent's number is not visible from here
    confinement.limit(order.limits, is_isolated=is_isolated)
    with os.fdopen(order.result_descriptor, "wb") as result:
        if order.drawing is not None:
            _draw(order, order.drawing, result)
        elif order.avatar is not None:
            report = importlib.import_module(order.avatar).drawn(Path(order.source))
            result.write(report.model_dump_json().encode())
        else:
            answer = _answer(order, network_closed=is_isolated)
            result.write(answer.model_dump_json().encode())
    return 0


def _draw(order: ParseOrder, drawing: DrawOrder, result: IO[bytes]) -> None:
    artist = importlib.import_module(drawing.artist)
    artist.draw(Path(order.source), result, drawing.limits, drawing.first_page)


def _ending_of(process: int) -> int:
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return status if status >= 0 else SIGNALLED - status


def _answer(order: ParseOrder, *, network_closed: bool) -> ParseAnswer:
    try:
        parsed = importlib.import_module(order.parser).parse(Path(order.source), order.filename)
        if len(parsed.text) > order.limits.text_characters:
            limit = f"{order.limits.text_characters:,} characters"
            raise InvalidFile(f"The text is longer than {limit}.")
        return ParseAnswer(network_closed=network_closed, parsed=parsed)
    except FileRefused as refusal:
        code = "invalid_file" if isinstance(refusal, InvalidFile) else "unsupported_file"
        return ParseAnswer(network_closed=network_closed, reason=refusal.message, code=code)
    except MemoryError:
        reason = "Reading the file needs more memory than one document may use."
        return ParseAnswer(network_closed=network_closed, reason=reason, bug="MemoryError")
    except Exception as error:  # noqa: BLE001 - libraries raise anything on a damaged file
        reason = "The file could not be read; it may be damaged."
        return ParseAnswer(network_closed=network_closed, reason=reason, bug=_place_of(error))


def _place_of(error: Exception) -> str:
    """Type and line, without the message: it may quote the document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    return f"{type(error).__name__} at {where}"


if __name__ == "__main__":
    sys.exit(main())
