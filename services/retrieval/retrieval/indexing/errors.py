"""Why a write is refused."""

from contracts.errors import ErrorKind, StoreError


class StampMismatch(StoreError):
    """The batch was embedded by another model, or another version of it."""

    kind = ErrorKind.CONFLICT
    code = "stamp_mismatch"


class InvalidVector(StoreError):
    """A vector has the wrong length, or is no direction at all."""

    kind = ErrorKind.INVALID
    code = "invalid_vector"


class InvalidEpoch(StoreError):
    """The epoch is beyond what a collection can reach."""

    kind = ErrorKind.INVALID
    code = "invalid_epoch"
