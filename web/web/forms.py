"""Forms as they arrive: read once, checked for their token, turned into contract types."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from runtime.provide import provided
from web.pages import Pages
from web.paths import ID_PATTERN

TOKEN_FIELD = "form_token"  # noqa: S105 - a field's name
_MOST_FILES = 100


async def submitted_form(
    request: Request, pages: Annotated[Pages, provided(Pages)]
) -> AsyncIterator["Submitted"]:
    """The form of a POST. Every route that changes something depends on this."""
    async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FILES) as data:
        form = Submitted(data)
        pages.check_form(request, form.text(TOKEN_FIELD))
        yield form


class Submitted:
    """A form's fields, by kind."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def text(self, name: str) -> str:
        """A text field without the blanks around it; absent reads as empty."""
        # Browsers send line ends as CR LF, whatever the person typed.
        return self.secret(name).replace("\r\n", "\n").strip()

    def id(self, name: str) -> str:
        """A hidden id; what cannot be one reads as empty."""
        value = self.text(name)
        return value if re.fullmatch(ID_PATTERN, value) else ""

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

    def has(self, name: str) -> bool:
        """The field was sent, even if empty."""
        return name in self._data


Form = Annotated[Submitted, Depends(submitted_form)]
