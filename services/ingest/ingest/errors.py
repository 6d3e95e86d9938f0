"""What can be wrong with a document, in words its owner reads."""

from contracts.errors import ErrorKind, StoreError


class FileRefused(StoreError):
    """The file cannot become text; another attempt would end the same."""

    kind = ErrorKind.UNPROCESSABLE


class InvalidFile(FileRefused):
    """The right kind of file, but empty, damaged, protected or beyond a limit."""

    code = "invalid_file"


class UnsupportedFile(FileRefused):
    """A kind of file that Stoa does not read."""

    code = "unsupported_file"


class PageRefused(FileRefused):
    """A web page that cannot be read: its address, its server, or what the server sent."""

    code = "invalid_file"


class TookTooLong(StoreError):
    """The whole journey of a document passed its deadline."""

    kind = ErrorKind.TIMED_OUT
    code = "took_too_long"
