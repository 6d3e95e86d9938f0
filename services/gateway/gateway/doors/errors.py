"""What can be wrong with a door, a link or a visit."""

from contracts.errors import ErrorKind, StoreError


class DoorNotFound(StoreError):
    """There is none, or none any more: closed, revoked and expired are nobody's business."""

    kind = ErrorKind.NOT_FOUND
    code = "door_not_found"


class SignInNeeded(StoreError):
    """The door is open, but to people with an account: no guests are admitted here."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "sign_in_needed"


class VisitOver(StoreError):
    """The visit has ended, or the door it came by was closed."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "visit_over"


class NoVisit(StoreError):
    """Whoever asks is no guest."""

    kind = ErrorKind.NOT_FOUND
    code = "visit_not_found"


class LinkNotFound(StoreError):
    """There is no such link, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "link_not_found"


class SharingIsPrivate(StoreError):
    """Links open nothing while the assistant is private."""

    kind = ErrorKind.CONFLICT
    code = "sharing_is_private"


class TooManyLinks(StoreError):
    """An assistant has only so many links at once."""

    kind = ErrorKind.CONFLICT
    code = "too_many_links"
