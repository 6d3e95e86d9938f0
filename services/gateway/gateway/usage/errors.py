"""What can be wrong with a question about usage."""

from contracts.errors import ErrorKind, StoreError


class UnknownGrouping(StoreError):
    """Usage is grouped by member, assistant, model, key and day."""

    kind = ErrorKind.INVALID
    code = "unknown_grouping"


class UnknownPeriod(StoreError):
    """from or to is no moment."""

    kind = ErrorKind.INVALID
    code = "unknown_period"


class LedgerNotYours(StoreError):
    """The ledger's rows are for those who run the workspace or the installation."""

    kind = ErrorKind.FORBIDDEN
    code = "ledger_not_yours"
