"""What somebody asks, as their form says it: the question, and values of variables."""

from contracts.conversations import TurnCreate
from contracts.errors import ErrorKind, StoreError
from web.forms import Submitted

LONGEST_QUESTION = 32_000
_VARIABLE = "variable-"


class EmptyQuestion(StoreError):
    """There is nothing to answer."""

    kind = ErrorKind.INVALID
    code = "question_empty"


class QuestionTooLong(StoreError):
    """The question is longer than a question may be."""

    kind = ErrorKind.INVALID
    code = "question_too_long"


def question_of(text: str) -> TurnCreate:
    """The starter that was chosen, or what was typed. Raises EmptyQuestion, QuestionTooLong."""
    if not text:
        raise EmptyQuestion("Write a question first.")
    if len(text) > LONGEST_QUESTION:
        raise QuestionTooLong("A question may have 32,000 characters; this one has more.")
    return TurnCreate(text=text)


def values_in(form: Submitted) -> dict[str, str]:
    """Variable's name -> what was typed for it; what was left empty is left out."""
    values = {name: form.text(f"{_VARIABLE}{name}") for name in form.names_after(_VARIABLE)}
    return {name: value for name, value in values.items() if value}
