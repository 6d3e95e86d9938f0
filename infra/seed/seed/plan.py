"""What is seeded: people, and one assistant for each folder of documents."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from seed.errors import CannotSeed

WORKSPACE = "Agora"
_NOT_DOCUMENTS = frozenset({"assistant.toml", "README.md", "LICENSE"})


class PlannedPerson(BaseModel):
    """A member of the example workspace."""

    model_config = ConfigDict(frozen=True)

    name: str
    email: str
    role: str


PEOPLE = (
    PlannedPerson(name="Helena", email="helena@agora.example.org", role="owner"),
    PlannedPerson(name="Mei", email="mei@agora.example.org", role="member"),
    PlannedPerson(name="Tom", email="tom@agora.example.org", role="member"),
    PlannedPerson(name="Gast", email="guest@agora.example.org", role="guest"),
)
OWNER = PEOPLE[0]


class PlannedConversation(BaseModel):
    """Questions that one person asks, one after another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str
    questions: list[str]


class PlannedAssistant(BaseModel):
    """An assistant with its documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    slug: str
    description: str
    instructions: str
    not_found_words: str
    starters: list[str]
    conversations: list[PlannedConversation]
    folder: Path

    @property
    def mark(self) -> str:
        """What recognises it later, whatever people have renamed."""
        return self.folder.name

    def documents(self) -> list[Path]:
        """The files it knows, without what stands beside them."""
        return sorted(path for path in self.folder.iterdir() if path.name not in _NOT_DOCUMENTS)


def planned_assistants(documents: Path) -> list[PlannedAssistant]:
    """One for each folder that has an assistant.toml. Raises CannotSeed."""
    found = sorted(documents.glob("*/assistant.toml"))
    if not found:
        raise CannotSeed(f"there are no examples in {documents}")
    return [_read(path) for path in found]


def _read(path: Path) -> PlannedAssistant:
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
        return PlannedAssistant.model_validate({**text, "folder": path.parent})
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise CannotSeed(f"{path} cannot be read: {error}") from error
