"""What can be wrong with a letter's link or a changed address."""

from contracts.errors import ErrorKind, StoreError


class TicketRefused(StoreError):
    """The token is unknown, used, too old, or for something else; which is nobody's business."""

    kind = ErrorKind.FORBIDDEN
    code = "link_refused"


class AddressTaken(StoreError):
    """Somebody else has this address by now."""

    kind = ErrorKind.CONFLICT
    code = "account_exists"


class NothingToConfirm(StoreError):
    """The account's address is confirmed already."""

    kind = ErrorKind.CONFLICT
    code = "already_confirmed"
