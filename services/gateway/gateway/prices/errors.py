"""Why a price is not taken."""

from contracts.errors import ErrorKind, StoreError


class PricesNotYours(StoreError):
    """Prices are set by those who run the installation."""

    kind = ErrorKind.FORBIDDEN
    code = "prices_not_yours"


class UnknownModel(StoreError):
    """No model of this installation has exactly this name."""

    kind = ErrorKind.UNPROCESSABLE
    code = "unknown_model"


class PriceInThePast(StoreError):
    """What was used has been charged: a price counts from now on, or later."""

    kind = ErrorKind.UNPROCESSABLE
    code = "price_in_the_past"
