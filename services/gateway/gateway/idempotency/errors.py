"""What can be wrong with an Idempotency-Key."""

from contracts.errors import ErrorKind, StoreError


class InvalidIdempotencyKey(StoreError):
    """The key is empty, too long, or has characters that are not printable ASCII."""

    kind = ErrorKind.INVALID
    code = "invalid_idempotency_key"


class IdempotencyKeyReused(StoreError):
    """The key came before, with another request."""

    kind = ErrorKind.UNPROCESSABLE
    code = "idempotency_key_reused"


class IdempotencyInFlight(StoreError):
    """The first request with this key is still being answered."""

    kind = ErrorKind.CONFLICT
    code = "idempotency_in_flight"
