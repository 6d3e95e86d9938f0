"""Failures of the database as facts: what a caller sent that it cannot keep, or that it is away."""

import logging

from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import JSONResponse

from contracts.errors import ErrorKind, StoreError
from runtime.problems import last_resort, problem

log = logging.getLogger(__name__)

# SQLSTATE: invalid byte sequence, and the NUL that JSONB refuses.
_UNSTORABLE = frozenset({"22021", "22P05"})
# Cannot connect, shutting down, waited too long for a lock, ran too long, deadlock.
_BUSY_CLASSES = ("08", "57", "55", "53", "40")


class CharactersNotStorable(StoreError):
    """Some text holds NUL, or what is no Unicode text."""

    kind = ErrorKind.INVALID
    code = "characters_not_storable"


class DatabaseUnavailable(StoreError):
    """The database is away or overloaded for the moment."""

    kind = ErrorKind.UNAVAILABLE
    code = "database_unavailable"


DATABASE_FAILURES = (DBAPIError, PoolTimeout, ConnectionError)
"""What the database raises when it fails, as the code around the app sees it."""


def install_database_problems(app: FastAPI) -> None:
    """Answer failures of the database without a word of SQL."""

    @app.exception_handler(DBAPIError)
    async def refused(request: Request, error: DBAPIError) -> JSONResponse:
        state = getattr(error.orig, "sqlstate", None) or ""
        request_id = getattr(request.state, "request_id", None)
        if state in _UNSTORABLE:
            return problem(
                CharactersNotStorable("Text must not contain NUL characters."), request_id
            )
        log.error("the database failed", exc_info=error)
        if error.connection_invalidated or state.startswith(_BUSY_CLASSES):
            return problem(database_unavailable(), request_id)
        return last_resort(request_id)

    @app.exception_handler(PoolTimeout)
    @app.exception_handler(ConnectionError)
    async def away(request: Request, error: Exception) -> JSONResponse:
        log.error("the database does not answer", exc_info=error)
        return problem(database_unavailable(), getattr(request.state, "request_id", None))


def database_unavailable() -> DatabaseUnavailable:
    """The fact behind such a failure."""
    return DatabaseUnavailable("The database does not answer just now.", retry_after_seconds=2)
