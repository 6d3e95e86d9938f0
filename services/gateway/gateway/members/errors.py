"""What can be wrong with an invite."""

from contracts.errors import ErrorKind, StoreError


class InviteNotFound(StoreError):
    """There is no such invite, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "invite_not_found"


class InviteRefused(StoreError):
    """The invite is unknown, used, revoked or out of date; which of them is nobody's business."""

    kind = ErrorKind.FORBIDDEN
    code = "invite_refused"


class InviteForAnother(StoreError):
    """The invite was made for another e-mail address."""

    kind = ErrorKind.FORBIDDEN
    code = "invite_for_another"


class NotTheirWorkspace(StoreError):
    """Only operators, owners and admins see and invite members."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_workspace_admin"


class WorkspaceNotFound(StoreError):
    """There is no such workspace, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "workspace_not_found"


class SignUpClosed(StoreError):
    """Nobody can make an account here, or nobody runs the installation yet."""

    kind = ErrorKind.FORBIDDEN
    code = "sign_up_closed"


class InviteNeeded(StoreError):
    """Accounts are made with an invite here."""

    kind = ErrorKind.INVALID
    code = "invite_needed"


class NotTheOperator(StoreError):
    """Only operators suspend and reinstate members."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_operator"


class MemberNotFound(StoreError):
    """There is no such member, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "member_not_found"


class LastOperator(StoreError):
    """Somebody must run the installation."""

    kind = ErrorKind.CONFLICT
    code = "last_operator"


class AccountExists(StoreError):
    """Somebody with this address has an account: they sign in and accept the invite."""

    kind = ErrorKind.CONFLICT
    code = "account_exists"


class AlreadyThere(StoreError):
    """The member is in this workspace."""

    kind = ErrorKind.CONFLICT
    code = "already_a_member"
