"""What can be wrong with the size of a prompt."""

from contracts.errors import ErrorKind, StoreError


class ContextLengthExceeded(StoreError):
    """Instructions, question and answer do not fit the model's window together."""

    kind = ErrorKind.INVALID
    code = "context_length_exceeded"
