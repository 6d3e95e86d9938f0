"""What can be wrong with a question about the books."""

from contracts.errors import ErrorKind, StoreError


class UnknownZone(StoreError):
    """zone is no IANA name."""

    kind = ErrorKind.INVALID
    code = "unknown_zone"


class WorkspaceNotYours(StoreError):
    """Only operators look into other workspaces."""

    kind = ErrorKind.FORBIDDEN
    code = "workspace_not_yours"


class LedgerRowNotFound(StoreError):
    """There is no such row, or not for this caller."""

    kind = ErrorKind.NOT_FOUND
    code = "ledger_row_not_found"
