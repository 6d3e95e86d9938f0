"""What a member says of the answers they got."""

from contracts.conversations import FeedbackDeleted, FeedbackView, FeedbackWrite
from contracts.ids import new_id
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.conversations.errors import ConversationIsTemporary
from gateway.conversations.repository.feedback import FeedbackRepository
from gateway.conversations.repository.sources import ANSWERS
from gateway.conversations.service.views import feedback_view
from gateway.conversations.tables import Feedback
from gateway.db import Database
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action


class FeedbackService:
    """One word for each answer, of the member whose conversation it is."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def give(self, caller: Caller, message_id: str, said: FeedbackWrite) -> FeedbackView:
        """Say it, or say it anew. Raises MessageNotFound, ConversationIsTemporary."""
        now = self._clock()
        async with self._database.transaction() as tx:
            # Held, so that two windows at once leave one row.
            answer = await load(tx, caller, Action.EDIT, ANSWERS, message_id, Hold.ALONE)
            repository = FeedbackRepository(tx)
            conversation = await repository.conversation_of(answer)
            if conversation.expires_at is not None:
                raise ConversationIsTemporary("Nothing is kept of a temporary conversation.")
            feedback = (await repository.of([answer.id])).get(answer.id)
            if feedback is None:
                feedback = Feedback(
                    id=new_id("fb_"),
                    message_id=answer.id,
                    assistant_id=conversation.assistant_id,
                    created_at=now,
                )
                repository.add(feedback)
            feedback.rating = said.rating.value
            feedback.comment, feedback.correction = said.comment, said.correction
            feedback.updated_at = now
            return feedback_view(feedback, conversation.id)

    async def take_back(self, caller: Caller, message_id: str) -> FeedbackDeleted:
        """As if nothing had been said. Raises MessageNotFound."""
        async with self._database.transaction() as tx:
            answer = await load(tx, caller, Action.EDIT, ANSWERS, message_id, Hold.ALONE)
            await FeedbackRepository(tx).remove(answer.id)
            return FeedbackDeleted(id=answer.id, conversation_id=answer.conversation_id)
