"""Error kinds shared by every process; `runtime.problems` alone turns them into HTTP."""

from enum import StrEnum

from pydantic import BaseModel


class ErrorKind(StrEnum):
    """What went wrong, seen from the caller. One kind is one HTTP status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    UNPROCESSABLE = "unprocessable"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXCEEDED = "quota_exceeded"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"


class StoreError(Exception):
    """A fact the caller may know. Features subclass it and set `kind` and `code`.

    `message` is shown to the caller: no paths, no SQL, no secrets.
    `param` names the offending field, `retry_after_seconds` when trying again makes sense.
    """

    kind: ErrorKind = ErrorKind.INTERNAL
    code: str = "internal_error"
    refusal: object = None
    """What was refused, for the service's own records. It never leaves the process."""

    def __init__(
        self, message: str, *, param: str | None = None, retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after_seconds = retry_after_seconds


class ErrorBody(BaseModel):
    """OpenAI's error object."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorEnvelope(BaseModel):
    """What every failed call answers with, on the public API and between services."""

    error: ErrorBody
    request_id: str | None = None


class RemoteError(StoreError):
    """Another service answered with an error; kind and code are carried over as they came."""

    def __init__(
        self,
        kind: ErrorKind,
        body: ErrorBody,
        *,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(body.message, param=body.param, retry_after_seconds=retry_after_seconds)
        self.kind = kind
        self.code = body.code or "unknown_error"


class ServiceUnavailable(StoreError):
    """A service could not be reached, or did not answer in time."""

    kind = ErrorKind.UNAVAILABLE
    code = "service_unavailable"
