"""Refuses bodies of more values than any of ours may have, before each is held against a model.

A megabyte holds seventy thousand fields that do not exist. A model reports every one of them, which
stops the loop for seconds.
"""

from fastapi import Request

from contracts.errors import ErrorKind, StoreError
from gateway.public_paths import is_public_api

MOST_VALUES = 12_000
"""Fields and items together: a batch of 500 files, each with all it may have, stays below."""


class TooManyValues(StoreError):
    """The body has more fields and items than any request needs."""

    kind = ErrorKind.INVALID
    code = "too_many_values"


async def only_so_many_values(request: Request) -> None:
    """A dependency of every route, solved before the body is validated. Raises TooManyValues."""
    # What Starlette has read of a JSON body stays with the request. Workers may send more.
    body = getattr(request, "_json", None) if is_public_api(request.scope) else None
    if _has_more_values(body, MOST_VALUES):
        raise TooManyValues(f"The request has more than {MOST_VALUES} fields and items.")


def _has_more_values(body: object, most: int) -> bool:
    """JSON nests deep: no recursion."""
    waiting, count = [body], 0
    while waiting and count <= most:
        value = waiting.pop()
        if isinstance(value, dict | list):
            count += len(value)
            # The rest of a value that is too wide already is not looked at.
            if count <= most:
                waiting += value.values() if isinstance(value, dict) else value
    return count > most
