"""Sharing the one assistant of this folder for a while, for its tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2


@contextmanager
def shared_as(visibility: str, person: httpx2.Client, assistant: str) -> Iterator[None]:
    """Until the block ends; then the assistant is shared again as it was before."""
    path = f"/v1/assistants/{assistant}/sharing"
    before = person.get(path).raise_for_status().json()["visibility"]
    person.put(path, json={"visibility": visibility}).raise_for_status()
    try:
        yield
    finally:
        person.put(path, json={"visibility": before}).raise_for_status()
