"""Conversations: real questions, put to the model that runs, by members of the workspace."""

import time
from collections.abc import Callable

from seed.api import Api
from seed.errors import CannotSeed
from seed.plan import PlannedAssistant, PlannedConversation

_LOOK_SECONDS = 0.5

Say = Callable[[str], None]


class Talking:
    """Asks what has not been asked yet."""

    def __init__(self, people: dict[str, Api], say: Say, answer_seconds: float) -> None:
        self._people = people
        self._say = say
        self._answer_seconds = answer_seconds

    def talk(self, wanted: PlannedAssistant, assistant_id: str) -> None:
        """Every conversation of an assistant, whole."""
        for conversation in wanted.conversations:
            self._converse(self._people[conversation.person], assistant_id, conversation)

    def _converse(self, person: Api, assistant_id: str, wanted: PlannedConversation) -> None:
        conversation_id, asked = self._found(person, assistant_id, wanted.questions[0])
        for question in wanted.questions[asked:]:
            turn = person.post(f"/v1/conversations/{conversation_id}/turns", {"text": question})
            answer = self._answer(person, conversation_id, turn["id"])
            self._say(f"  {wanted.person}: {question}\n    {answer}")

    def _found(self, person: Api, assistant_id: str, first: str) -> tuple[str, int]:
        """The conversation that begins with a question, and how many are answered in it."""
        for conversation in person.all_of("/v1/conversations"):
            if conversation["assistant_id"] != assistant_id:
                continue
            path = f"/v1/conversations/{conversation['id']}/messages"
            messages = person.all_of(path)
            if messages and messages[0]["content"] != first:
                continue
            answers = [one for one in messages if one["role"] == "assistant"]
            if all(answer["status"] == "complete" for answer in answers):
                return str(conversation["id"]), len(answers)
            # A run that was cut off left it: nobody wants to look at half an answer.
            person.delete(f"/v1/conversations/{conversation['id']}")
        made = person.post("/v1/conversations", {"assistant_id": assistant_id})
        return str(made["id"]), 0

    def _answer(self, person: Api, conversation_id: str, turn_id: str) -> str:
        person.listen(f"/v1/turns/{turn_id}/events", self._answer_seconds)
        ends_at = time.monotonic() + self._answer_seconds
        while True:
            messages = person.all_of(f"/v1/conversations/{conversation_id}/messages")
            (answer,) = [
                one for one in messages if one["turn_id"] == turn_id and one["role"] == "assistant"
            ]
            if answer["status"] == "failed":
                raise CannotSeed(f"the model did not answer ({answer['error']})")
            if answer["status"] != "running":
                return str(answer["content"])
            if time.monotonic() > ends_at:
                raise CannotSeed(f"an answer took longer than {self._answer_seconds:g} s")
            time.sleep(_LOOK_SECONDS)
