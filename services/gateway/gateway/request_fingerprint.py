"""What makes two requests the same: method, path, query and body, hashed as it streams."""

import hashlib

from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers
from starlette.types import Scope

from contracts.errors import StoreError
from gateway.multipart import FormParts, PartBegins, PartData, form_boundary


class RequestFingerprint:
    """Feed the body as it comes. The same form is the same request under any boundary:
    clients make a new one for each attempt.
    """

    def __init__(self, scope: Scope) -> None:
        self._digest = hashlib.sha256()
        self._frame(scope["method"].encode())
        self._frame(scope["path"].encode("utf-8", "surrogateescape"))
        self._frame(scope.get("query_string", b""))
        boundary = form_boundary(Headers(scope=scope).get("content-type", ""))
        self._parts = None if boundary is None else FormParts(boundary)
        self._part = hashlib.sha256()

    def feed(self, block: bytes) -> None:
        """The next bytes of the body."""
        if self._parts is None:
            self._digest.update(block)
            return
        try:
            self._parts.feed(block)
            self._take_events(self._parts)
        except (FormParserError, StoreError):
            # No form after all: the route will say so, and here bytes are bytes.
            self._parts = None
            self._digest.update(block)

    def hexdigest(self) -> str:
        """The fingerprint of what was fed."""
        return self._digest.hexdigest()

    def _take_events(self, parts: FormParts) -> None:
        while parts.events:
            event = parts.events.popleft()
            if isinstance(event, PartBegins):
                self._part = hashlib.sha256()
                for label in (event.name, event.filename, event.media_type):
                    self._frame(repr(label).encode("utf-8", "backslashreplace"))
            elif isinstance(event, PartData):
                self._part.update(event.data)
            else:
                self._frame(self._part.digest())

    def _frame(self, piece: bytes) -> None:
        # Lengths keep "ab" + "c" apart from "a" + "bc".
        self._digest.update(len(piece).to_bytes(8, "big") + piece)
