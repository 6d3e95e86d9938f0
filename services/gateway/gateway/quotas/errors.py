"""Why a caller must wait."""

from contracts.errors import ErrorKind, StoreError


class RateLimitExceeded(StoreError):
    """The caller, or its workspace, has used up this minute's requests or tokens."""

    kind = ErrorKind.RATE_LIMITED
    code = "rate_limit_exceeded"
