"""Why a guest gets no answer today."""

from contracts.errors import ErrorKind, StoreError


class GuestsNotAdmitted(StoreError):
    """This installation answers nobody without an account."""

    kind = ErrorKind.FORBIDDEN
    code = "guests_not_admitted"


class GuestAllowanceReached(StoreError):
    """The answers of this day are given: of the guest, their network, the door, or everybody."""

    kind = ErrorKind.RATE_LIMITED
    code = "guest_allowance_reached"
