"""Why an address was not read. The words are shown to people, and tell nothing of our network."""

from contracts.errors import ErrorKind, StoreError


class OutboundRefused(StoreError):
    """An address a user gave was not read."""

    kind = ErrorKind.UNPROCESSABLE
    code = "outbound_refused"


class AddressForbidden(OutboundRefused):
    """The address is none that this installation reads: its form, host, port or network."""

    kind = ErrorKind.INVALID
    code = "address_forbidden"


class TooManyHops(OutboundRefused):
    """The address redirects too often, or in a circle."""

    code = "too_many_hops"


class TooLarge(OutboundRefused):
    """The answer is over the limit, packed or unpacked."""

    code = "answer_too_large"


class TooSlow(OutboundRefused):
    """The answer did not arrive in time."""

    code = "answer_too_slow"


class WrongType(OutboundRefused):
    """The answer is of a kind that was not asked for."""

    code = "wrong_content_type"


class NotReachable(OutboundRefused):
    """No server answered in a way that can be read."""

    code = "address_not_reachable"


NO_PUBLIC_SERVER = "No public web server answers at this address."
"""One sentence for a name that does not exist, one that leads inside, and a closed port."""
