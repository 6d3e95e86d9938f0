"""Why no examples are written."""

from contracts.errors import ErrorKind, StoreError


class LedgerInUse(StoreError):
    """The ledger has rows, and only ever gets more."""

    kind = ErrorKind.CONFLICT
    code = "ledger_in_use"


class NobodyThere(StoreError):
    """There is nobody who could have asked."""

    kind = ErrorKind.CONFLICT
    code = "nobody_there"
