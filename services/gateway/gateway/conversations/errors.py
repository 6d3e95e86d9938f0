"""What can be wrong with a conversation or a turn."""

from contracts.errors import ErrorKind, StoreError


class ConversationNotFound(StoreError):
    """There is none of that id, or it is another member's."""

    kind = ErrorKind.NOT_FOUND
    code = "conversation_not_found"


class TurnNotFound(StoreError):
    """There is none of that id, or it is another member's."""

    kind = ErrorKind.NOT_FOUND
    code = "turn_not_found"


class ParentNotFound(StoreError):
    """The message to follow is not an answer of this conversation."""

    kind = ErrorKind.NOT_FOUND
    code = "parent_not_found"


class TurnInProgress(StoreError):
    """A conversation answers one question at a time."""

    kind = ErrorKind.CONFLICT
    code = "turn_in_progress"


class TooManyTurns(StoreError):
    """This process writes as many answers as it can."""

    kind = ErrorKind.UNAVAILABLE
    code = "too_many_turns"
