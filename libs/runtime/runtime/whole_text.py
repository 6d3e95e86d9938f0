"""Refuses text that is none: halves of surrogate pairs, which JSON can spell and nothing can keep.

Neither UTF-8 nor the database, nor an answer that quotes them, can carry such text. It would
fail wherever it came to first; here it is refused before a route sees it.
"""

import re
from collections.abc import Iterable, Iterator

from fastapi import Request

from contracts.errors import ErrorKind, StoreError

_HALF = re.compile("[\ud800-\udfff]")


class TextNotUnicode(StoreError):
    """Some text holds half of a surrogate pair, which is no character."""

    kind = ErrorKind.INVALID
    code = "text_not_unicode"


async def only_whole_text(request: Request) -> None:
    """A dependency of every route. Raises TextNotUnicode."""
    # What Starlette has read of a JSON body stays with the request; a route that takes none has
    # nothing there, and is not made to wait for one.
    check_texts(_texts_of(getattr(request, "_json", None)))


def check_texts(texts: Iterable[str]) -> None:
    """Raises TextNotUnicode for the first that is no text."""
    for text in texts:
        if not text.isascii() and _HALF.search(text):
            raise TextNotUnicode("Text must be Unicode; this holds half of a surrogate pair.")


def _texts_of(value: object) -> Iterator[str]:
    """Every text in it, names of fields included. JSON nests deep: no recursion."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
