"""What can go wrong for builders."""

from contracts.errors import ErrorKind, StoreError


class DraftUnreadable(StoreError):
    """A model did not write what was asked for."""

    kind = ErrorKind.UNAVAILABLE
    code = "draft_unreadable"
