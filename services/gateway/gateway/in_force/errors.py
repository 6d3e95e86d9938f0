"""Why somebody does not see the settings."""

from contracts.errors import ErrorKind, StoreError


class SettingsNotYours(StoreError):
    """How the installation is set is its operators' affair."""

    kind = ErrorKind.FORBIDDEN
    code = "settings_not_yours"
