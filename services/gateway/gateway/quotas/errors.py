"""Why a caller must wait."""

from contracts.errors import ErrorKind, StoreError


class LimitsNotYours(StoreError):
    """Limits are set by those who run the installation, and read by those who run a workspace."""

    kind = ErrorKind.FORBIDDEN
    code = "limits_not_yours"


class LimitNotFound(StoreError):
    """No such limit was set, or there is nobody it could be about."""

    kind = ErrorKind.NOT_FOUND
    code = "limit_not_found"


class NoAddress(StoreError):
    """The subject of the limit is no client address."""

    kind = ErrorKind.UNPROCESSABLE
    code = "no_address"


class RateLimitExceeded(StoreError):
    """The caller, or its workspace, has used up this minute's requests or tokens."""

    kind = ErrorKind.RATE_LIMITED
    code = "rate_limit_exceeded"
