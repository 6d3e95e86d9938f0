"""Shows operators the settings in force."""

from contracts.in_force import SettingViews
from gateway.caller import Caller
from gateway.in_force.errors import SettingsNotYours
from gateway.in_force.rules import in_force
from gateway.policy.loading import require
from gateway.policy.rules import Thing
from gateway.policy.words import Action, Kind
from gateway.settings import Settings

_THE_INSTALLATION = Thing(Kind.INSTALLATION, "installation", None)


class SettingsInForce:
    """Settings do not change while a process runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def seen_by(self, caller: Caller) -> SettingViews:
        """All that are shown. Raises SettingsNotYours."""
        barred = SettingsNotYours("Only operators see the settings of the installation.")
        require(caller, Action.SEE, _THE_INSTALLATION, barred)
        return SettingViews(data=in_force(self._settings))
