"""Why somebody does not see the engines."""

from contracts.errors import ErrorKind, StoreError


class EnginesNotYours(StoreError):
    """Engines serve every workspace: how busy they are is the operators' affair."""

    kind = ErrorKind.FORBIDDEN
    code = "engines_not_yours"
