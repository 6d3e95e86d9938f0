"""What forms of the chat say: the question, values of variables, a branch, and feedback."""

from contracts.conversations import BranchChoice, FeedbackWrite, Rating, TurnCreate
from contracts.errors import ErrorKind, StoreError
from web.forms import Submitted

LONGEST_QUESTION = 32_000
LONGEST_COMMENT = 2_000
LONGEST_CORRECTION = 8_000
_VARIABLE = "variable-"


class EmptyQuestion(StoreError):
    """There is nothing to answer."""

    kind = ErrorKind.INVALID
    code = "question_empty"


class QuestionTooLong(StoreError):
    """The question is longer than a question may be."""

    kind = ErrorKind.INVALID
    code = "question_too_long"


class FeedbackUnfit(StoreError):
    """No thumb, or more words than are read."""

    kind = ErrorKind.INVALID
    code = "feedback_unfit"


def question_in(form: Submitted) -> TurnCreate:
    """The starter that was chosen, else what was typed. Raises EmptyQuestion, QuestionTooLong."""
    text = form.text("starter") or form.text("text")
    if not text:
        raise EmptyQuestion("Write a question first.")
    if len(text) > LONGEST_QUESTION:
        raise QuestionTooLong("A question may have 32,000 characters; this one has more.")
    return TurnCreate(text=text)


def values_in(form: Submitted) -> dict[str, str]:
    """Variable's name -> what was typed for it; what was left empty is left out."""
    values = {name: form.text(f"{_VARIABLE}{name}") for name in form.names_after(_VARIABLE)}
    return {name: value for name, value in values.items() if value}


def turn_in(form: Submitted) -> TurnCreate:
    """A question with where it stands: behind an answer, or instead of a former question."""
    return TurnCreate(
        text=question_in(form).text,
        parent_id=form.id("parent_id") or None,
        edits=form.id("edits") or None,
    )


def branch_in(form: Submitted) -> BranchChoice:
    """The message through which the branch goes."""
    return BranchChoice(message_id=form.id("message_id"))


def said_in(form: Submitted) -> FeedbackWrite:
    """What a reader says of an answer. Raises FeedbackUnfit."""
    rating, comment = form.text("rating"), form.text("comment")
    correction = form.text("correction")
    if (
        rating not in set(Rating)
        or len(comment) > LONGEST_COMMENT
        or len(correction) > LONGEST_CORRECTION
    ):
        raise FeedbackUnfit("A thumb, 2,000 characters of comment and 8,000 of correction.")
    return FeedbackWrite(rating=Rating(rating), comment=comment, correction=correction)
