"""Asks inference how its engines fare."""

from contracts.clients.inference import InferenceClient
from contracts.engines import EngineStates
from contracts.principal import Principal
from gateway.caller import Caller
from gateway.engines.errors import EnginesNotYours
from gateway.policy.loading import require
from gateway.policy.rules import Thing
from gateway.policy.words import Action, Kind

_THE_INSTALLATION = Thing(Kind.INSTALLATION, "installation", None)


class EngineService:
    """Tells operators of the engines."""

    def __init__(self, inference: InferenceClient) -> None:
        self._inference = inference

    async def states(self, caller: Caller) -> EngineStates:
        """Every engine now."""
        barred = EnginesNotYours("Only operators see how the engines fare.")
        require(caller, Action.SEE, _THE_INSTALLATION, barred)
        return await self._inference.engines(Principal())
