"""The door of a Qdrant server: it wants a key, and lists no collections."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import FastAPI, Header
from starlette.responses import JSONResponse

from tests.support.serving import served

WANTED_KEY = "the key that Qdrant wants"


@contextmanager
def qdrant_stub() -> Iterator[str]:
    """The address of a server that answers as Qdrant does at start."""
    app = FastAPI()

    @app.get("/collections", response_model=None)
    def collections(api_key: Annotated[str, Header()] = "") -> JSONResponse:
        if api_key != WANTED_KEY:
            return JSONResponse({"status": {"error": "Must provide an API key"}}, status_code=401)
        return JSONResponse({"result": {"collections": []}})

    with served(app) as address:
        yield address
