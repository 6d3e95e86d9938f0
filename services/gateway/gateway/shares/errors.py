"""What can be wrong with a share link."""

from contracts.errors import ErrorKind, StoreError


class ShareNotFound(StoreError):
    """There is none, none any more, or it is another member's: nobody is told which."""

    kind = ErrorKind.NOT_FOUND
    code = "share_not_found"


class NothingToShare(StoreError):
    """No question of this branch has an answer."""

    kind = ErrorKind.CONFLICT
    code = "nothing_to_share"


class TooManyShares(StoreError):
    """A conversation has only so many links at once."""

    kind = ErrorKind.CONFLICT
    code = "too_many_shares"


class TooLongToShare(StoreError):
    """A snapshot holds only so many messages, and so many characters."""

    kind = ErrorKind.CONFLICT
    code = "conversation_too_long"
