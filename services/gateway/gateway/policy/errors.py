"""What can be wrong with a request about sharing."""

from contracts.errors import ErrorKind, StoreError


class NotAllowed(StoreError):
    """The caller sees the object, and nobody in their place may do that to it."""

    kind = ErrorKind.FORBIDDEN
    code = "not_allowed"


class MemberNotFound(StoreError):
    """There is no such member in the workspace."""

    kind = ErrorKind.NOT_FOUND
    code = "member_not_found"


class TooManyGrantees(StoreError):
    """One more member or group cannot be named on this object."""

    kind = ErrorKind.CONFLICT
    code = "too_many_grantees"


class GroupNotFound(StoreError):
    """There is no such group in the workspace."""

    kind = ErrorKind.NOT_FOUND
    code = "group_not_found"
