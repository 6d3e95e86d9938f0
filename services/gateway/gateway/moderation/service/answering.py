"""The builders' side of a take-down: why, and one answer to it."""

from contracts.moderation import TakedownAnswer, Takedowns, TakedownView
from gateway.assistants.repository import ASSISTANTS
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.moderation.errors import AlreadyAnswered, NotTakenDown
from gateway.moderation.repository import CaseRepository, TakedownRepository
from gateway.moderation.service.reporting import open_case
from gateway.moderation.service.views import may_answer, takedown_view
from gateway.policy.loading import load
from gateway.policy.words import Action


class TakedownService:
    """What the builders of a taken-down assistant read, and say."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def of(self, caller: Caller, assistant_id: str) -> Takedowns:
        """Why it is out of the store, for those who see its draft. Raises AssistantNotFound."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.SEE, ASSISTANTS, assistant_id)
            standing = await TakedownRepository(tx).standing([assistant.id])
        return Takedowns(data=[takedown_view(each) for each in standing.values()])

    async def answer(self, caller: Caller, assistant_id: str, said: TakedownAnswer) -> TakedownView:
        """Ask for another look; until it is judged, again says it otherwise. Raises
        AssistantNotFound, NotTheBuilder, NotTakenDown, AlreadyAnswered."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.EDIT, ASSISTANTS, assistant_id)
            await CaseRepository(tx).one_by_one(assistant.id)
            standing = (await TakedownRepository(tx).standing([assistant.id])).get(assistant.id)
            if standing is None:
                raise NotTakenDown("It is not out of the store.")
            if not may_answer(standing):
                raise AlreadyAnswered("Your answer was read, and it stays out of the store.")
            standing.answer, standing.answered_at = said.words, self._clock()
            (await open_case(tx, assistant.id, self._clock)).is_appeal = True
            Acts(tx).record(Act.TAKEDOWN_ANSWERED, caller, assistant.id)
            return takedown_view(standing)
