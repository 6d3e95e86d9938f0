"""What can be wrong with a picture of an assistant."""

from contracts.errors import ErrorKind, StoreError


class AvatarNotFound(StoreError):
    """The assistant has no such picture, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "avatar_not_found"


class NotAPicture(StoreError):
    """What was sent is none of the three kinds of pictures, by its first bytes."""

    kind = ErrorKind.UNSUPPORTED
    code = "not_a_picture"


class AvatarTooLarge(StoreError):
    """More bytes than a picture may have."""

    kind = ErrorKind.TOO_LARGE
    code = "avatar_too_large"


class UploadNotWanted(StoreError):
    """It was replaced, taken back or handled before."""

    kind = ErrorKind.NOT_FOUND
    code = "avatar_upload_not_found"
