"""The studio's forms, turned into contract types."""

import re
from collections.abc import Iterator, Mapping

from contracts.assistants import AssistantCreate, AssistantModify, AssistantView
from contracts.definitions import MOST_VARIABLES
from web.forms import Submitted

STARTERS = 4
FIELDS = (
    "name", "description", "category", "tags", "accent", "starters", "instructions",
    "grounding_mode", "not_found_words", "answer_language", "retrieval", "model", "temperature",
    "top_p", "variables",
)  # fmt: skip
"""Under each of these the page has a place for what is wrong with it."""

_TEXTS = ("name", "description", "instructions", "not_found_words", "grounding_mode")
_CHOSEN = ("model", "category", "accent", "temperature", "top_p")
"""Fields that may be empty, which means none."""
_TAG_ENDS = re.compile("[,;\uff0c\u3001\n]")
_ROW = "row-"


def new_assistant(form: Submitted) -> AssistantCreate:
    """The form of a new assistant. Raises ValidationError."""
    return AssistantCreate(
        name=form.text("name"),
        description=form.text("description"),
        instructions=form.text("instructions"),
        starters=form.lines("starters"),
    )


def changes(form: Submitted) -> AssistantModify:
    """What one fold of the form sends: fields of other folds stay as they are."""
    sent: dict[str, object] = {name: form.text(name) for name in _TEXTS if form.has(name)}
    sent |= {name: form.text(name) or None for name in _CHOSEN if form.has(name)}
    if form.has("starters"):
        sent["starters"] = form.lines("starters")
    if form.has("tags"):
        sent["tags"] = [tag for tag in _TAG_ENDS.split(form.text("tags")) if tag.strip()]
    if form.has("answer_language"):
        sent["answer_language"] = form.text("answer_language")
    if form.has("amount") and form.has("strictness"):
        sent["retrieval"] = {"amount": form.text("amount"), "strictness": form.text("strictness")}
    if form.has("variables"):
        sent["variables"] = list(_variables(form))
    if form.has("revision"):
        sent["revision"] = form.text("revision")
    return AssistantModify.model_validate(sent)


def typed_over(saved: AssistantView, form: Submitted) -> AssistantView:
    """The draft with the texts that could not be saved, to be corrected."""
    typed = {name: form.text(name) for name in _TEXTS[:-1] if form.has(name)}
    return saved.model_copy(update=typed)


def rows_of(assistant: AssistantView) -> list[Mapping[str, object]]:
    """The variables as rows of a form, with two empty ones while there is room."""
    rows: list[Mapping[str, object]] = [
        {**variable.model_dump(mode="json"), "choices": ", ".join(variable.choices)}
        for variable in assistant.variables
    ]
    empty = dict.fromkeys(("name", "label", "default", "choices"), "")
    room = min(2, MOST_VARIABLES - len(rows))
    return rows + [{**empty, "kind": "text", "required": False}] * room


def _variables(form: Submitted) -> Iterator[dict[str, object]]:
    for number in range(MOST_VARIABLES):
        row = f"{_ROW}{number}-"
        name = form.text(f"{row}name")
        if not name:
            continue
        kind = form.text(f"{row}kind")
        choices = _TAG_ENDS.split(form.text(f"{row}choices")) if kind == "choice" else []
        yield {
            "name": name,
            "label": form.text(f"{row}label"),
            "kind": kind,
            "required": form.has(f"{row}required"),
            "default": form.text(f"{row}default"),
            "choices": [choice for choice in choices if choice.strip()],
        }
