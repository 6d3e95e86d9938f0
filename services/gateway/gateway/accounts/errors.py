"""What can be wrong with a request about accounts and keys."""

from contracts.errors import ErrorKind, StoreError


class WrongCredentials(StoreError):
    """E-mail or password is wrong; which of them is nobody's business."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "wrong_credentials"


class AccountSuspended(StoreError):
    """Said only to who knows the password: the operator has suspended this account."""

    kind = ErrorKind.FORBIDDEN
    code = "account_suspended"


class InNoWorkspace(StoreError):
    """Said only to who knows the password: the account is in no workspace (any more)."""

    kind = ErrorKind.FORBIDDEN
    code = "in_no_workspace"


class SessionNotFound(StoreError):
    """There is no such session among the caller's own."""

    kind = ErrorKind.NOT_FOUND
    code = "session_not_found"


class NotInWorkspace(StoreError):
    """There is no such workspace, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "workspace_not_found"


class ClaimRefused(StoreError):
    """The one-time link is unknown, used or replaced, or the installation has its operator."""

    kind = ErrorKind.FORBIDDEN
    code = "claim_refused"


class KeyNotFound(StoreError):
    """There is no such key, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "key_not_found"


class ScopeNotHeld(StoreError):
    """A key cannot give another key more than it has itself."""

    kind = ErrorKind.FORBIDDEN
    code = "scope_not_held"


class ScopeNotBindable(StoreError):
    """A key of one assistant may chat, feed and read it; whatever is more needs a whole key."""

    kind = ErrorKind.INVALID
    code = "scope_not_bindable"


class NotOfThisKind(StoreError):
    """A publishable key is for the pages of named web sites, of one assistant, and chats alone;
    a secret one has no answers a day."""

    kind = ErrorKind.INVALID
    code = "not_of_this_kind"


class NotAnOrigin(StoreError):
    """What stands in `origins` is no web site as browsers name them."""

    kind = ErrorKind.INVALID
    code = "invalid_origin"


class ExpiryPassed(StoreError):
    """A key must expire in the future."""

    kind = ErrorKind.INVALID
    code = "expiry_passed"
