"""Why a question gets no answer."""

from contracts.errors import ErrorKind, StoreError


class ModelNotFound(StoreError):
    """Neither an assistant the caller may use nor a model that is served has this name."""

    kind = ErrorKind.NOT_FOUND
    code = "model_not_found"


class ModelNotServed(StoreError):
    """The assistant's model is not served at the moment."""

    kind = ErrorKind.UNAVAILABLE
    code = "model_not_served"


class QuestionTooLong(StoreError):
    """A message has more characters than the installation takes."""

    kind = ErrorKind.INVALID
    code = "question_too_long"


class EngineStopped(StoreError):
    """The engine's stream ended in the middle of an answer."""

    kind = ErrorKind.UNAVAILABLE
    code = "engine_failed"
