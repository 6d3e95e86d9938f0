"""What can be wrong with a chat completion request, beyond its fields."""

from contracts.errors import ErrorKind, StoreError


class UnsupportedContent(StoreError):
    """A message part that is not text."""

    kind = ErrorKind.INVALID
    code = "unsupported_content"


class SystemMessageNotAllowed(StoreError):
    """An assistant brings its own instructions."""

    kind = ErrorKind.INVALID
    code = "system_message_not_allowed"


class ParameterNotAllowed(StoreError):
    """A field that only those who manage the assistant may set."""

    kind = ErrorKind.INVALID
    code = "parameter_not_allowed"


class UnsupportedParameter(StoreError):
    """A field of OpenAI's that asks for something not offered here."""

    kind = ErrorKind.INVALID
    code = "unsupported_parameter"


class UnknownParameter(StoreError):
    """A field that neither OpenAI nor we know."""

    kind = ErrorKind.INVALID
    code = "unknown_parameter"


class InvalidParameter(StoreError):
    """A field whose value makes no sense here."""

    kind = ErrorKind.INVALID
    code = "invalid_parameter"
