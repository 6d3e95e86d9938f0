"""What can go wrong between a request and an engine."""

from contracts.errors import ErrorKind, StoreError


class ModelNotFound(StoreError):
    """No engine serves this model."""

    kind = ErrorKind.NOT_FOUND
    code = "model_not_found"


class ContextLengthExceeded(StoreError):
    """The prompt does not fit the window of the engine's slot."""

    kind = ErrorKind.INVALID
    code = "context_length_exceeded"


class RefusedByEngine(StoreError):
    """The engine understood the request and refuses it."""

    kind = ErrorKind.INVALID
    code = "refused_by_engine"


class SchemaRefused(StoreError):
    """A JSON schema that is too big for the engines, or that they cannot follow."""

    kind = ErrorKind.INVALID
    code = "invalid_json_schema"


class EngineUnavailable(StoreError):
    """The engine is not running, or nobody listens at its address."""

    kind = ErrorKind.UNAVAILABLE
    code = "engine_unavailable"


class EngineBusy(StoreError):
    """All slots are taken and the queue is full, or the wait took too long."""

    kind = ErrorKind.UNAVAILABLE
    code = "engine_busy"


class NotServedThere(StoreError):
    """The server of an engine answers, but not as the settings say. Told to operators only."""

    kind = ErrorKind.UNAVAILABLE
    code = "engine_misconfigured"


class EngineFailed(StoreError):
    """The engine broke off, stalled or answered nonsense."""

    kind = ErrorKind.UNAVAILABLE
    code = "engine_failed"


class GenerationTimedOut(StoreError):
    """The answer took longer than any answer may."""

    kind = ErrorKind.TIMED_OUT
    code = "generation_timed_out"


def prompt_too_long(prompt_tokens: int, window_tokens: int) -> ContextLengthExceeded:
    """The refusal of a prompt that leaves no room for an answer, with the engine's counts."""
    return ContextLengthExceeded(
        f"The prompt has {prompt_tokens} tokens; this model's context length is "
        f"{window_tokens} tokens.",
        param="messages",
    )


def prompt_of_unknown_length(window_tokens: int) -> ContextLengthExceeded:
    """The same from a server that cannot count."""
    return ContextLengthExceeded(
        f"The prompt is too long: this model's context length is {window_tokens} tokens.",
        param="messages",
    )
