"""The examples in the repository: complete, free, of a sensible size."""

import pytest

from seed.plan import PEOPLE, PlannedAssistant, planned_assistants
from seed.settings import DOCUMENTS

MOST_BYTES = 3_000_000
ASSISTANTS = planned_assistants(DOCUMENTS)


@pytest.mark.parametrize("assistant", ASSISTANTS, ids=lambda one: one.mark)
def test_licence_and_source_stand_beside_the_documents(assistant: PlannedAssistant) -> None:
    readme = (assistant.folder / "README.md").read_text()

    assert (assistant.folder / "LICENSE").stat().st_size > 500
    assert all(word in readme for word in ("Source:", "Licence:", "Changes:"))
    assert assistant.documents()


@pytest.mark.parametrize("assistant", ASSISTANTS, ids=lambda one: one.mark)
def test_only_people_of_the_workspace_ask(assistant: PlannedAssistant) -> None:
    asking = {conversation.person for conversation in assistant.conversations}

    assert asking <= {person.name for person in PEOPLE}
    assert all(conversation.questions for conversation in assistant.conversations)


def test_there_are_three_and_together_they_are_small() -> None:
    files = [file for assistant in ASSISTANTS for file in assistant.documents()]

    assert len(ASSISTANTS) == 3
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
