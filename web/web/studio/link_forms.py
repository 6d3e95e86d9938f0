"""The form of a new link to an assistant."""

import hashlib
import time
from dataclasses import dataclass

from contracts.doors import LinkCreate
from contracts.errors import ErrorKind, StoreError
from web.account.key_forms import DAYS
from web.forms import TOKEN_FIELD, Submitted

LONGEST_NAME = 100
_DAY_SECONDS = 86_400


class LinkUnfit(StoreError):
    """A name that is too long, or a time that is not offered."""

    kind = ErrorKind.INVALID
    code = "link_unfit"


@dataclass(frozen=True)
class TypedLink:
    """A link as it is asked for. key: the same of a form that is sent again."""

    wanted: LinkCreate
    key: str

    @classmethod
    def of(cls, form: Submitted) -> "TypedLink":
        """Raises LinkUnfit."""
        name, days = form.text("name"), form.text("days")
        if len(name) > LONGEST_NAME or days not in {"", *map(str, DAYS)}:
            raise LinkUnfit("A name has at most 100 characters; choose how long the link lives.")
        # To the end of a day: what is sent again a moment later asks for the very same.
        today = int(time.time()) // _DAY_SECONDS
        expires_at = (today + 1 + int(days)) * _DAY_SECONDS if days else None
        key = hashlib.sha256(form.text(TOKEN_FIELD).encode()).hexdigest()
        return cls(LinkCreate(name=name, expires_at=expires_at), key)
