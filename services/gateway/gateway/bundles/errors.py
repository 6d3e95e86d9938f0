"""What can be wrong with a bundle."""

from contracts.errors import ErrorKind, StoreError


class BundleRefused(StoreError):
    """The archive is no bundle, or not the one that its manifest describes."""

    kind = ErrorKind.INVALID
    code = "bundle_refused"


class BundleVersionUnknown(StoreError):
    """A bundle of a format that this release does not read."""

    kind = ErrorKind.INVALID
    code = "bundle_version_unknown"


class BundleTooLarge(StoreError):
    """The files weigh more than a bundle may, or are too many."""

    kind = ErrorKind.TOO_LARGE
    code = "bundle_too_large"
