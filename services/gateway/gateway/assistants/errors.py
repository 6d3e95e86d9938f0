"""What can be wrong with a request about assistants."""

from contracts.errors import ErrorKind, StoreError


class AssistantNotFound(StoreError):
    """There is none of that id or slug, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "assistant_not_found"


class NotPublished(StoreError):
    """The assistant has only a draft."""

    kind = ErrorKind.INVALID
    code = "assistant_not_published"


class NotTheBuilder(StoreError):
    """The caller may see the assistant, but not change it."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_builder"


class SlugTaken(StoreError):
    """Another assistant has this slug."""

    kind = ErrorKind.CONFLICT
    code = "slug_taken"


class NewOwnerUnfit(StoreError):
    """A guest cannot own an assistant."""

    kind = ErrorKind.INVALID
    code = "new_owner_unfit"


class OwnerMayNotRead(StoreError):
    """The draft names a collection that its owner may not let assistants read."""

    kind = ErrorKind.NOT_FOUND
    code = "vector_store_not_found"


class DraftChanged(StoreError):
    """The draft is not the one any more that the changes were made on."""

    kind = ErrorKind.CONFLICT
    code = "draft_changed"


class VariableUnknown(StoreError):
    """A value for a variable that the assistant does not have."""

    kind = ErrorKind.INVALID
    code = "variable_unknown"


class VariableMissing(StoreError):
    """A variable without a default that the assistant cannot answer without."""

    kind = ErrorKind.INVALID
    code = "variable_missing"


class VariableInvalid(StoreError):
    """A value that is not of its variable's kind."""

    kind = ErrorKind.INVALID
    code = "variable_invalid"
