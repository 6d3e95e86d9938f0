"""Why a guest gets no answer today."""

from contracts.errors import ErrorKind, StoreError


class GuestAllowanceReached(StoreError):
    """The answers of this day are given: of the guest, their network, the door, or everybody."""

    kind = ErrorKind.RATE_LIMITED
    code = "guest_allowance_reached"
