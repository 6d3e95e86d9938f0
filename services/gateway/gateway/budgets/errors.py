"""What can be wrong with a budget, and that one is used up."""

from contracts.errors import ErrorKind, StoreError


class BudgetReached(StoreError):
    """The call could cost more than a hard budget has left."""

    kind = ErrorKind.QUOTA_EXCEEDED
    code = "insufficient_quota"


class BudgetNotFound(StoreError):
    """No such budget here."""

    kind = ErrorKind.NOT_FOUND
    code = "budget_not_found"


class BudgetExists(StoreError):
    """There is one for this subject and period already."""

    kind = ErrorKind.CONFLICT
    code = "budget_exists"


class BudgetSubjectUnclear(StoreError):
    """A subject that needs a name has none, or one that needs none has one."""

    kind = ErrorKind.INVALID
    code = "budget_subject_unclear"


class BudgetSubjectNotFound(StoreError):
    """The subject is nobody, or nothing, of the workspace."""

    kind = ErrorKind.NOT_FOUND
    code = "budget_subject_not_found"


class NotTheTreasurer(StoreError):
    """Budgets are set by those who run the workspace, and by operators."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_treasurer"
