"""The one table that knows which HTTP status and OpenAI error type each kind of error has."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from contracts.errors import ErrorBody, ErrorEnvelope, ErrorKind, StoreError

log = logging.getLogger(__name__)

HTTP_STATUS: dict[ErrorKind, tuple[int, str]] = {
    ErrorKind.INVALID: (400, "invalid_request_error"),
    ErrorKind.UNAUTHENTICATED: (401, "authentication_error"),
    ErrorKind.FORBIDDEN: (403, "permission_error"),
    ErrorKind.NOT_FOUND: (404, "invalid_request_error"),
    ErrorKind.CONFLICT: (409, "conflict_error"),
    ErrorKind.TOO_LARGE: (413, "invalid_request_error"),
    ErrorKind.UNSUPPORTED: (415, "invalid_request_error"),
    ErrorKind.UNPROCESSABLE: (422, "invalid_request_error"),
    ErrorKind.RATE_LIMITED: (429, "rate_limit_error"),
    ErrorKind.QUOTA_EXCEEDED: (429, "insufficient_quota"),
    ErrorKind.INTERNAL: (500, "server_error"),
    ErrorKind.UNAVAILABLE: (503, "server_error"),
    ErrorKind.TIMED_OUT: (504, "server_error"),
}

PROBLEM = "problem"
"""Where in a request's state the error lies that it was answered with, for the layers above."""

_CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed"}


def envelope(error: StoreError, request_id: str | None) -> ErrorEnvelope:
    """The wire form of an error."""
    body = ErrorBody(
        message=error.message,
        type=HTTP_STATUS[error.kind][1],
        param=error.param,
        code=error.code,
    )
    return ErrorEnvelope(error=body, request_id=request_id)


def problem(error: StoreError, request_id: str | None) -> JSONResponse:
    """The response for an error."""
    return JSONResponse(
        envelope(error, request_id).model_dump(),
        status_code=HTTP_STATUS[error.kind][0],
        headers=_retry_headers(error),
    )


def _retry_headers(error: StoreError) -> dict[str, str]:
    """When to try again, in both units that OpenAI's clients read; or that it makes no sense."""
    if error.retry_after_seconds is not None:
        return {
            "retry-after": str(error.retry_after_seconds),
            "retry-after-ms": str(error.retry_after_seconds * 1000),
            "x-should-retry": "true",
        }
    # By themselves the clients would try these twice more.
    is_final = error.kind in (ErrorKind.CONFLICT, ErrorKind.QUOTA_EXCEEDED)
    return {"x-should-retry": "false"} if is_final else {}


def install_problems(app: FastAPI) -> None:
    """Answer every failure in OpenAI's error shape."""

    @app.exception_handler(StoreError)
    async def refused(request: Request, error: StoreError) -> JSONResponse:
        if error.kind is ErrorKind.INTERNAL:
            log.error("internal error", exc_info=error)
        setattr(request.state, PROBLEM, error)
        return problem(error, _request_id(request))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        # "body" says where it came from, which the caller knows; the rest is the field's path.
        path = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
        param = ".".join(path) or None
        message = f"{param}: {first['msg']}" if param else str(first["msg"])
        body = ErrorBody(
            message=message, type="invalid_request_error", param=param, code="invalid_request"
        )
        answer = ErrorEnvelope(error=body, request_id=_request_id(request))
        return JSONResponse(answer.model_dump(), status_code=400)

    @app.exception_handler(HTTPException)
    async def unrouted(request: Request, error: HTTPException) -> JSONResponse:
        # FastAPI makes a 400 of whatever is raised while it reads a body.
        if isinstance(error.__cause__, StoreError):
            return await refused(request, error.__cause__)
        body = ErrorBody(
            message=str(error.detail),
            type="invalid_request_error",
            code=_CODE_OF_STATUS.get(error.status_code, "invalid_request"),
        )
        answer = ErrorEnvelope(error=body, request_id=_request_id(request))
        return JSONResponse(
            answer.model_dump(), status_code=error.status_code, headers=error.headers
        )


def last_resort(request_id: str | None) -> JSONResponse:
    """The answer to a bug: nothing about it leaves the process but the request id."""
    body = ErrorBody(
        message="Something failed on our side. Nothing of your request was kept half-done.",
        type="server_error",
        code="internal_error",
    )
    answer = ErrorEnvelope(error=body, request_id=request_id)
    return JSONResponse(answer.model_dump(), status_code=500)


def _request_id(request: Request) -> str | None:
    found = getattr(request.state, "request_id", None)
    return found if isinstance(found, str) else None
