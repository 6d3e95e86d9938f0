"""What can be wrong with a request to the store."""

from contracts.errors import ErrorKind, StoreError


class ListingNotFound(StoreError):
    """No public assistant has this slug."""

    kind = ErrorKind.NOT_FOUND
    code = "listing_not_found"


class BuilderNotFound(StoreError):
    """Nobody with this handle has a listing."""

    kind = ErrorKind.NOT_FOUND
    code = "builder_not_found"


class NotUsedYet(StoreError):
    """Only those who got an answer rate a listing."""

    kind = ErrorKind.FORBIDDEN
    code = "not_used_yet"


class OwnListing(StoreError):
    """Builders do not rate what they build."""

    kind = ErrorKind.FORBIDDEN
    code = "own_listing"


class NotToBeCopied(StoreError):
    """Its builder lets nobody make copies of the listing."""

    kind = ErrorKind.FORBIDDEN
    code = "not_to_be_copied"


class CopiesShowInstructions(StoreError):
    """A copy holds the instructions, which are to stay hidden."""

    kind = ErrorKind.INVALID
    code = "copies_show_instructions"
