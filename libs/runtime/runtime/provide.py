"""Objects found by type: a process builds them once in its `wire`, routes ask for them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Depends, Request

T = TypeVar("T")
Provided = Mapping[type[Any], Any]


def provided(kind: type[T]) -> Any:
    """A FastAPI dependency on the object wired for `kind`."""

    def find(request: Request) -> T:
        found = request.state.provided[kind]
        if not isinstance(found, kind):
            raise TypeError(f"{kind.__name__} is wired to {found!r}")
        return found

    find.__name__ = f"provided_{kind.__name__}"
    find.kind = kind  # type: ignore[attr-defined]  # guard tests read which types routes ask for
    return Depends(find)
