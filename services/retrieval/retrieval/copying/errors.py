"""Why there is no copy."""

from contracts.errors import ErrorKind, StoreError


class IndexNotCopyable(StoreError):
    """The vectors are in a Qdrant server, which makes snapshots itself."""

    kind = ErrorKind.NOT_FOUND
    code = "index_not_copyable"


class NotAnotherService(StoreError):
    """The copy holds every workspace: it is for a service that speaks for itself."""

    kind = ErrorKind.FORBIDDEN
    code = "not_a_service_of_its_own"
