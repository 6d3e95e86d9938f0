"""Forms as they arrive: read once, checked for their token, turned into contract types."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile

from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.pages import Pages
from web.paths import ID_PATTERN

TOKEN_FIELD = "form_token"  # noqa: S105 - a field's name
_MOST_FILES = 100
_CODINGS = frozenset({b"utf-8", b"utf8"})


class CodingUnsupported(StoreError):
    """A form says that its text is in another coding than UTF-8."""

    kind = ErrorKind.UNSUPPORTED
    code = "coding_unsupported"


async def submitted_form(
    request: Request, pages: Annotated[Pages, provided(Pages)]
) -> AsyncIterator["Submitted"]:
    """The form of a POST. Every route that changes something depends on this."""
    _check_coding(request.headers.get("content-type", ""))
    async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FILES) as data:
        form = Submitted(data)
        pages.check_form(request, form.text(TOKEN_FIELD))
        yield form


def _check_coding(content_type: str) -> None:
    """Starlette would read the form with whatever codec of Python it names: some raise what it
    does not expect, and `idna` and `punycode` stand still for minutes over one megabyte."""
    _, options = parse_options_header(content_type)
    if options.get(b"charset", b"utf-8").lower() not in _CODINGS:
        raise CodingUnsupported("This form is not written in UTF-8.")


@dataclass(frozen=True)
class Typed:
    """A form as it was sent, and what is wrong with it: by field, and as a whole."""

    fields: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    message: str = ""


class NotAnId(StoreError):
    """A field of a form names something in a way that nothing is named."""

    kind = ErrorKind.INVALID
    code = "invalid_request"


class Submitted:
    """A form's fields, by kind."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def text(self, name: str) -> str:
        """A text field without the blanks around it; absent reads as empty."""
        # Browsers send line ends as CR LF, whatever the person typed.
        return self.secret(name).replace("\r\n", "\n").strip()

    def id(self, name: str) -> str:
        """A hidden id; absent reads as empty. Raises NotAnId."""
        value = self.text(name)
        # Never as empty: a key bound to nonsense would be a key bound to nothing.
        if value and not re.fullmatch(ID_PATTERN, value):
            raise NotAnId("Something in this form names nothing that there is.", param=name)
        return value

    def secret(self, name: str) -> str:
        """A field exactly as typed, for passwords."""
        value = self._data.get(name, "")
        return value if isinstance(value, str) else ""

    def lines(self, name: str) -> list[str]:
        """All fields of that name that are not blank."""
        values = (value for value in self._data.getlist(name) if isinstance(value, str))
        return [value.strip() for value in values if value.strip()]

    def files(self, name: str) -> list[UploadFile]:
        """The files chosen. Browsers send one without a name when none was."""
        values = (value for value in self._data.getlist(name) if isinstance(value, UploadFile))
        return [value for value in values if value.filename]

    def names_after(self, start: str) -> list[str]:
        """What follows `start` in the names of fields that begin with it, each once."""
        return [name.removeprefix(start) for name in self._data if name.startswith(start)]

    def has(self, name: str) -> bool:
        """The field was sent, even if empty."""
        return name in self._data


Form = Annotated[Submitted, Depends(submitted_form)]
