"""Definitions of assistants as people read them: fields in words, differences side by side."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from contracts.assistants import AssistantFields
from contracts.versions import AssistantComparison, TextHunk
from web.languages import N_, Language
from web.studio.words import ACCENTS, AMOUNTS, CATEGORIES, LANGUAGES, STRICTNESSES

LABELS = {
    "name": N_("Name"),
    "description": N_("One line about it"),
    "model": N_("Model"),
    "tools": N_("Tools"),
    "tool_resources": N_("Knowledge"),
    "metadata": N_("Metadata"),
    "temperature": N_("Temperature"),
    "top_p": N_("Top p"),
    "starters": N_("Starters"),
    "not_found_words": N_("When its files are silent, it says"),
    "grounding_mode": N_("How it uses its files"),
    "disabled_actions": N_("Actions, kept and not active"),
    "category": N_("Category"),
    "tags": N_("Tags"),
    "variables": N_("Asked for at the start of a chat"),
    "answer_language": N_("It answers in"),
    "retrieval": N_("How its files are searched"),
    "avatar": N_("Picture"),
    "accent": N_("Colour of its own page"),
}
"""Fields that have a name on screen; others stand there as the API calls them."""

_WORDS = {
    ("grounding_mode", "documents_only"): N_("Only from its files"),
    ("grounding_mode", "documents_first"): N_("From its files first"),
    ("grounding_mode", "free"): N_("Freely"),
    **{("category", value): words for value, words in CATEGORIES},
    **{("accent", value): words for value, words in ACCENTS},
    **{("answer_language", value): words for value, words in LANGUAGES},
    **{("amount", value): words for value, words in AMOUNTS},
    **{("strictness", value): words for value, words in STRICTNESSES},
}
_TELLING = 12
"""So many letters of a hash tell two pictures apart."""
_APART = frozenset({"instructions", "slug"})


@dataclass(frozen=True)
class Setting:
    """A field: its name on screen, and its value before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Side:
    """What stands on one side of a row. kind: same, removed, added, or empty for nothing."""

    kind: str
    text: str


@dataclass(frozen=True)
class Row:
    """Lines that stand beside one another."""

    before: Side
    after: Side


NOTHING = Side("", "")


def settings_of(language: Language, fields: AssistantFields) -> list[Setting]:
    """All fields of a definition but its instructions; `before` is empty."""
    dumped: Mapping[str, JsonValue] = fields.model_dump(mode="json")
    return [
        Setting(_label(language, name), "", _value(language, name, value))
        for name, value in dumped.items()
        if name not in _APART
    ]


def changed_settings(language: Language, told: AssistantComparison) -> list[Setting]:
    """The fields that differ."""
    return [
        Setting(
            _label(language, change.name),
            _value(language, change.name, change.before),
            _value(language, change.name, change.after),
        )
        for change in told.settings
    ]


def side_by_side(hunks: Iterable[TextHunk]) -> Iterator[Row]:
    """What went beside what came in its place."""
    went: Side | None = None
    for hunk in hunks:
        side = Side(hunk.kind, hunk.text)
        if hunk.kind == "added":
            yield Row(went or NOTHING, side)
            went = None
            continue
        if went is not None:
            yield Row(went, NOTHING)
        went = side if hunk.kind == "removed" else None
        if hunk.kind == "same":
            yield Row(side, side)
    if went is not None:
        yield Row(went, NOTHING)


def _label(language: Language, name: str) -> str:
    return language.gettext(LABELS[name]) if name in LABELS else name


def _value(language: Language, name: str, value: JsonValue) -> str:
    """A value in words; of what has no words of its own, its JSON."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, str) and name == "avatar":
        return value[:_TELLING]
    if isinstance(value, str):
        known = _WORDS.get((name, value))
        return language.gettext(known) if known else value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(map(str, value))
    if name == "retrieval" and isinstance(value, dict):
        return "\n".join(_value(language, part, each) for part, each in value.items())
    return json.dumps(value, ensure_ascii=False, indent=1)
