"""The studio's forms, turned into contract types."""

from contracts.assistants import AssistantCreate, AssistantModify
from web.forms import Submitted

STARTERS = 4


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
    sent: dict[str, object] = {
        name: form.text(name)
        for name in ("name", "description", "instructions", "not_found_words")
        if form.has(name)
    }
    if form.has("starters"):
        sent["starters"] = form.lines("starters")
    if form.has("grounding_mode"):
        sent["grounding_mode"] = form.text("grounding_mode")
    if form.has("model"):
        sent["model"] = form.text("model") or None
    return AssistantModify.model_validate(sent)
