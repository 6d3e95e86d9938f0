"""What can be wrong with a request about versions."""

from contracts.errors import ErrorKind, StoreError


class VersionNotFound(StoreError):
    """The assistant has no version of that number."""

    kind = ErrorKind.NOT_FOUND
    code = "version_not_found"


class NothingToUndo(StoreError):
    """No version was restored into the draft, or the draft has changed since."""

    kind = ErrorKind.CONFLICT
    code = "nothing_to_undo"
