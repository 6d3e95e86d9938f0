"""Why an account cannot be deleted yet."""

from contracts.errors import ErrorKind, StoreError


class StillOwner(StoreError):
    """A workspace with people in it needs an owner: make somebody else one first."""

    kind = ErrorKind.CONFLICT
    code = "last_owner"


class StillOperator(StoreError):
    """Somebody must run the installation."""

    kind = ErrorKind.CONFLICT
    code = "last_operator"
