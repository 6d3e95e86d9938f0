"""What every typed client shares: signing, error envelopes turned back into facts, deadlines."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from contracts.errors import (
    ErrorBody,
    ErrorEnvelope,
    ErrorKind,
    RemoteError,
    ServiceUnavailable,
    StoreError,
)
from contracts.principal import Principal

M = TypeVar("M", bound=BaseModel)

Sign = Callable[[Principal], str]
"""Makes the service token that names whom a call acts for (runtime.service_auth)."""

KIND_OF_STATUS: Mapping[int, ErrorKind] = {
    400: ErrorKind.INVALID,
    401: ErrorKind.UNAUTHENTICATED,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    409: ErrorKind.CONFLICT,
    413: ErrorKind.TOO_LARGE,
    415: ErrorKind.UNSUPPORTED,
    422: ErrorKind.UNPROCESSABLE,
    429: ErrorKind.RATE_LIMITED,
    503: ErrorKind.UNAVAILABLE,
    504: ErrorKind.TIMED_OUT,
}


def remote_error(response: httpx2.Response) -> RemoteError:
    """The error a response carries; a body of another shape becomes a plain server error."""
    kind = KIND_OF_STATUS.get(response.status_code, ErrorKind.INTERNAL)
    try:
        body = ErrorEnvelope.model_validate_json(response.content).error
    except ValidationError:
        body = ErrorBody(
            message=f"The service answered {response.status_code} without an explanation.",
            type="server_error",
            code="bad_answer",
        )
    retry_after = response.headers.get("retry-after", "")
    return RemoteError(
        kind, body, retry_after_seconds=int(retry_after) if retry_after.isdigit() else None
    )


def parsed(kind: type[M], response: httpx2.Response) -> M:
    """The response's body as `kind`. Raises RemoteError for every answer that is not 2xx, or that
    is something else."""
    if not response.is_success:
        raise remote_error(response)
    return understood(kind, response.content)


def understood(kind: type[M], said: str | bytes) -> M:
    """What another service said, as `kind`. Raises RemoteError."""
    try:
        return kind.model_validate_json(said)
    except ValidationError:
        body = ErrorBody(
            message="The service gave an answer that cannot be read.",
            type="server_error",
            code="bad_answer",
        )
        raise RemoteError(ErrorKind.INTERNAL, body) from None  # it quotes the answer


def unreachable(service: str, error: httpx2.HTTPError) -> StoreError:
    """The fact behind a transport error, without addresses."""
    return ServiceUnavailable(
        f"The {service} service did not answer ({type(error).__name__}).", retry_after_seconds=2
    )
