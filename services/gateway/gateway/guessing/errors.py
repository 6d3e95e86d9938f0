"""Why somebody who guesses must wait."""

from contracts.errors import ErrorKind, StoreError


class TooManyAttempts(StoreError):
    """Too many wrong passwords or codes, of this account or from this address."""

    kind = ErrorKind.RATE_LIMITED
    code = "too_many_attempts"
