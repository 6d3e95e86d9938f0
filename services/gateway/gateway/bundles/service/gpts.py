"""Makes an assistant of a ChatGPT GPT's configuration."""

from contracts.assistants import AssistantFields, Visibility
from contracts.gpts import GptConfiguration
from contracts.versions import AssistantOutcome
from gateway.assistants.service.making import check_may_make, make
from gateway.assistants.service.views import viewed
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database

_CAPABILITIES = "gpt_capabilities"
_MOST_CHARACTERS = 500


class GptService:
    """Takes over what there is a place for, and keeps the rest beside it."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def bring_in(self, caller: Caller, configuration: GptConfiguration) -> AssistantOutcome:
        """A private draft of the caller's; nothing of it is published."""
        check_may_make(caller)
        fields = AssistantFields(
            name=configuration.name,
            description=configuration.description,
            instructions=configuration.instructions,
            starters=configuration.conversation_starters,
            metadata=_noted(configuration.capabilities),
            disabled_actions=configuration.actions,
        )
        async with self._database.transaction() as tx:
            made = await make(tx, caller, fields, Visibility.PRIVATE, self._clock())
            Acts(tx).record(Act.ASSISTANT_IMPORTED, caller, made.id)
            return AssistantOutcome(assistant=await viewed(tx, made))


def _noted(capabilities: list[str]) -> dict[str, str]:
    """What it could do there, in the metadata: no setting here means the same."""
    named = ", ".join(name.strip() for name in capabilities if name.strip())
    return {_CAPABILITIES: named[:_MOST_CHARACTERS]} if named else {}
