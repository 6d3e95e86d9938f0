"""Rules of letters' links: one purpose each, an hour, one use."""

from datetime import timedelta
from enum import StrEnum

TICKET_LIFETIME = timedelta(hours=1)


class Purpose(StrEnum):
    """What a ticket is good for, and for nothing else."""

    CONFIRM = "confirm"
    RESET = "reset"
    NEW_ADDRESS = "new_address"


PREFIX_OF = {
    Purpose.CONFIRM: "cnf-stoa-",
    Purpose.RESET: "rst-stoa-",
    Purpose.NEW_ADDRESS: "adr-stoa-",
}
PAGE_OF = {
    Purpose.CONFIRM: "/confirm",
    Purpose.RESET: "/reset",
    Purpose.NEW_ADDRESS: "/confirm",
}


def purpose_of(token: str) -> Purpose | None:
    """What a token says it is for. Whether that is so, its row tells."""
    return next(
        (purpose for purpose, prefix in PREFIX_OF.items() if token.startswith(prefix)), None
    )
