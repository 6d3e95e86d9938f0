"""Rules of drafting: what a model is asked for, and what is taken of its answer."""

import json
from typing import Any

from contracts.building import DraftedAssistant
from contracts.generation import PromptMessage
from gateway.building.errors import DraftUnreadable

MOST_STARTERS = 4
_TEXTS = {"name": 80, "description": 200, "instructions": 4_000}
"""What is asked for -> how many characters of it are kept."""
_STARTER_CHARACTERS = 200

DRAFT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in _TEXTS},
        "starters": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_STARTERS},
    },
    "required": [*_TEXTS, "starters"],
    "additionalProperties": False,
}

_RULES = (
    "You draft assistants that answer questions from documents. Reply with JSON: name (a few "
    "words), description (one line for those who will use it), instructions (how it should answer, "
    "as orders to it), starters (four questions people may begin with). Write in the language of "
    "the description you are given."
)


def drafting_messages(description: str) -> list[PromptMessage]:
    """What asks a model for a draft."""
    return [
        PromptMessage(role="system", content=_RULES),
        PromptMessage(role="user", content=f"The assistant that is wanted:\n\n{description}"),
    ]


def drafted(said: str) -> DraftedAssistant:
    """What a model wrote, as far as a form holds it. Raises DraftUnreadable."""
    try:
        found = json.loads(said)
        texts = {name: str(found[name]).strip()[:most] for name, most in _TEXTS.items()}
        starters = [str(each).strip()[:_STARTER_CHARACTERS] for each in found["starters"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unreadable() from error
    if not texts["name"]:
        raise _unreadable()
    kept = [each for each in starters if each][:MOST_STARTERS]
    return DraftedAssistant(**texts, starters=kept)


def _unreadable() -> DraftUnreadable:
    return DraftUnreadable("The model did not write a draft that can be read. Try again.")
