"""What can go wrong when the record is read."""

from contracts.errors import ErrorKind, StoreError


class AuditNotYours(StoreError):
    """Neither the installation nor the workspace is the caller's to run."""

    kind = ErrorKind.FORBIDDEN
    code = "audit_not_yours"
