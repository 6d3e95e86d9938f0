"""What can be wrong with a request about groups."""

from contracts.errors import ErrorKind, StoreError


class NotTheGroupKeeper(StoreError):
    """Owners and admins of a workspace make its groups."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_group_keeper"


class NotForGuests(StoreError):
    """Guests share nothing, so they need not know who is here."""

    kind = ErrorKind.FORBIDDEN
    code = "not_for_guests"


class GroupNameTaken(StoreError):
    """The workspace has a group of this name."""

    kind = ErrorKind.CONFLICT
    code = "group_name_taken"
