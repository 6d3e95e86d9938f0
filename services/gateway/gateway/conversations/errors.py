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


class FolderNotFound(StoreError):
    """There is none of that id, or it is another member's."""

    kind = ErrorKind.NOT_FOUND
    code = "folder_not_found"


class FolderNameTaken(StoreError):
    """The member has a folder of this name."""

    kind = ErrorKind.CONFLICT
    code = "folder_name_taken"


class TooManyFolders(StoreError):
    """Folders are names to choose from, so there are only so many."""

    kind = ErrorKind.CONFLICT
    code = "too_many_folders"


class MessageNotFound(StoreError):
    """There is none of that id in this conversation, or not of that role."""

    kind = ErrorKind.NOT_FOUND
    code = "message_not_found"


class ConversationIsTemporary(StoreError):
    """What is kept nowhere has no name, place or comment."""

    kind = ErrorKind.CONFLICT
    code = "conversation_temporary"


class FileNotAttached(StoreError):
    """No such file is attached to the conversation."""

    kind = ErrorKind.NOT_FOUND
    code = "file_not_attached"


class TooManyFiles(StoreError):
    """What is attached is for one conversation: a library is knowledge of an assistant."""

    kind = ErrorKind.CONFLICT
    code = "too_many_attached_files"


class AttachedFileUnread(StoreError):
    """An attached file took longer to read than a question waits."""

    kind = ErrorKind.CONFLICT
    code = "attached_file_unread"


class AttachedFileFailed(StoreError):
    """The file that a question waited for could not be read."""

    kind = ErrorKind.UNPROCESSABLE
    code = "attached_file_failed"


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
