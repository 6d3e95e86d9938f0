"""A multipart form read as it arrives: a file's bytes go on while the next ones are received.

Starlette's own parser would spool a file to disk before a route sees its first byte.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from contracts.errors import ErrorKind, StoreError

S = TypeVar("S")

FIELD_BYTES = 10_000
PARTS = 20


class MalformedForm(StoreError):
    """The body is not the form it says it is."""

    kind = ErrorKind.INVALID
    code = "malformed_form"


@dataclass(frozen=True)
class PartBegins:
    """A part: a plain field, or a file when it has a filename."""

    name: str
    filename: str | None
    media_type: str


@dataclass(frozen=True)
class PartData:
    """Some bytes of the part that began last."""

    data: bytes


@dataclass(frozen=True)
class PartEnds:
    """The part is complete."""


Event = PartBegins | PartData | PartEnds


@dataclass
class Form(Generic[S]):
    """Plain fields, and what was made of each file."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, S] = field(default_factory=dict)


StoreFile = Callable[[PartBegins, AsyncIterator[bytes]], Awaitable[S]]


def form_boundary(content_type: str) -> bytes | None:
    """What stands between the parts of a form; None: it is no form."""
    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary: bytes | None = options.get(b"boundary")
    return boundary or None if kind == b"multipart/form-data" else None


async def read_form(content_type: str, body: AsyncIterator[bytes], store: StoreFile[S]) -> Form[S]:
    """Read a form, handing each file to `store` as it streams in."""
    form: Form[S] = Form()
    async with aclosing(_events(content_type, body)) as events:
        async for event in events:
            if not isinstance(event, PartBegins):
                continue
            if event.filename is not None:
                form.files[event.name] = await store(event, _data_of_part(events))
            else:
                form.fields[event.name] = await _text_of_part(events)
    return form


async def _data_of_part(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    async for event in events:
        if isinstance(event, PartData):
            yield event.data
        else:
            return


async def _text_of_part(events: AsyncIterator[Event]) -> str:
    value = b""
    async for data in _data_of_part(events):
        value += data
        if len(value) > FIELD_BYTES:
            raise MalformedForm("A field of the form is too long.")
    return value.decode("utf-8", "replace")


async def _events(content_type: str, body: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
    boundary = form_boundary(content_type)
    if boundary is None:
        raise MalformedForm("Send the file as multipart/form-data.")
    try:
        parts = FormParts(boundary)
        async for block in body:
            parts.feed(block)
            while parts.events:
                yield parts.events.popleft()
        parts.finish()
    except FormParserError as error:
        raise MalformedForm("The form could not be read.") from error


class FormParts:
    """The parser's callbacks, gathered as events."""

    def __init__(self, boundary: bytes) -> None:
        self.events: deque[Event] = deque()
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._seen_parts = 0
        self._has_ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._header_name_comes,
                "on_header_value": self._header_value_comes,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data_comes,
                "on_part_end": self._part_ends,
                "on_end": self._form_ends,
            },
        )

    def feed(self, block: bytes) -> None:
        self._parser.write(block)

    def finish(self) -> None:
        self._parser.finalize()
        if not self._has_ended:
            raise MalformedForm("The form ends in the middle.")

    def _part_begins(self) -> None:
        self._headers = {}
        self._seen_parts += 1
        if self._seen_parts > PARTS:
            raise MalformedForm("The form has too many parts.")

    def _header_name_comes(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_value_comes(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_ends(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        filename = options.get(b"filename")
        self.events.append(
            PartBegins(
                name=options.get(b"name", b"").decode("utf-8", "replace"),
                filename=None if filename is None else filename.decode("utf-8", "replace"),
                media_type=self._headers.get(b"content-type", b"").decode("latin-1"),
            )
        )

    def _data_comes(self, data: bytes, start: int, end: int) -> None:
        self.events.append(PartData(data[start:end]))

    def _part_ends(self) -> None:
        self.events.append(PartEnds())

    def _form_ends(self) -> None:
        self._has_ended = True
