"""Why somebody sees no reconciliation."""

from contracts.errors import ErrorKind, StoreError


class ReconciliationsNotYours(StoreError):
    """Engines serve every workspace, so their counters are the operators'."""

    kind = ErrorKind.FORBIDDEN
    code = "reconciliations_not_yours"


class FindingNotFound(StoreError):
    """No reconciliation of this id, or it found less."""

    kind = ErrorKind.NOT_FOUND
    code = "finding_not_found"


class FindingWithoutPrice(StoreError):
    """An answer without a row, of an assistant that was never charged: nothing says its price."""

    kind = ErrorKind.CONFLICT
    code = "finding_without_price"


class CorrectedOtherwise(StoreError):
    """The row has a correction already, and it is another one."""

    kind = ErrorKind.CONFLICT
    code = "corrected_otherwise"
