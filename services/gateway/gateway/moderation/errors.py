"""What can be wrong with a report or its judgement."""

from contracts.errors import ErrorKind, StoreError


class StoreNotYours(StoreError):
    """The store is its operators' to keep in order."""

    kind = ErrorKind.FORBIDDEN
    code = "store_not_yours"


class TooManyReports(StoreError):
    """So many reports of one member in a day are read by nobody."""

    kind = ErrorKind.RATE_LIMITED
    code = "too_many_reports"


class CaseNotFound(StoreError):
    """There is no such case."""

    kind = ErrorKind.NOT_FOUND
    code = "case_not_found"


class CaseClosed(StoreError):
    """The case was judged otherwise already."""

    kind = ErrorKind.CONFLICT
    code = "case_closed"


class StillTakenDown(StoreError):
    """What is out of the store is let back or kept out, not dismissed."""

    kind = ErrorKind.CONFLICT
    code = "still_taken_down"


class ReasonMissing(StoreError):
    """The builders are told why their assistant left the store."""

    kind = ErrorKind.INVALID
    code = "reason_missing"


class NotTakenDown(StoreError):
    """There is nothing to answer."""

    kind = ErrorKind.CONFLICT
    code = "not_taken_down"


class AlreadyAnswered(StoreError):
    """The one answer was judged."""

    kind = ErrorKind.CONFLICT
    code = "already_answered"
