"""What can be wrong with a request about a workspace and its members."""

from contracts.errors import ErrorKind, StoreError


class WorkspaceUnknown(StoreError):
    """There is no such workspace, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "workspace_not_found"


class NotRunByThem(StoreError):
    """Only the workspace's owners and admins, and operators, may do this."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_workspace_admin"


class OwnersOnly(StoreError):
    """Only owners make owners, and change or remove them."""

    kind = ErrorKind.FORBIDDEN
    code = "owners_only"


class WorkspacesNotOpen(StoreError):
    """Only operators make workspaces here."""

    kind = ErrorKind.FORBIDDEN
    code = "workspaces_not_open"


class NotAMember(StoreError):
    """There is no such member, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "member_not_found"


class LastOwner(StoreError):
    """A workspace with people in it needs an owner: make somebody else one first."""

    kind = ErrorKind.CONFLICT
    code = "last_owner"
