"""What a reader says of an answer: a thumb, and words to those who build the assistant."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.conversations import FeedbackWrite, Rating
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.conversations import Conversations
from web.forms import Form, Submitted
from web.pages import Pages, go, is_htmx
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/chat/messages/{message_id}/feedback", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
Chats = Annotated[Conversations, provided(Conversations)]
LONGEST_COMMENT = 2_000
LONGEST_CORRECTION = 8_000


class FeedbackUnfit(StoreError):
    """No thumb, or more words than are read."""

    kind = ErrorKind.INVALID
    code = "feedback_unfit"


@router.post("")
async def give(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    chats: Chats,
    message_id: Id,
) -> Response:
    """Say what an answer is worth; once more replaces it."""
    given = await chats.give_feedback(visitor.token, message_id, _said_in(form))
    if not is_htmx(request):
        return go(request, f"/chat/{given.conversation_id}#{message_id}")
    return pages.page(
        request, "partials/feedback.html", message_id=message_id, feedback=given, is_open=True
    )


@router.post("/remove")
async def take_back(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    chats: Chats,
    message_id: Id,
) -> Response:
    """As if nothing had been said."""
    del form  # read for its token
    taken = await chats.take_feedback_back(visitor.token, message_id)
    if not is_htmx(request):
        return go(request, f"/chat/{taken.conversation_id}#{message_id}")
    return pages.page(
        request, "partials/feedback.html", message_id=message_id, feedback=None, is_open=False
    )


def _said_in(form: Submitted) -> FeedbackWrite:
    """Raises FeedbackUnfit."""
    rating, comment, correction = map(form.text, ("rating", "comment", "correction"))
    if (
        rating not in set(Rating)
        or len(comment) > LONGEST_COMMENT
        or len(correction) > LONGEST_CORRECTION
    ):
        raise FeedbackUnfit("A thumb, 2,000 characters of comment and 8,000 of correction.")
    return FeedbackWrite(rating=Rating(rating), comment=comment, correction=correction)
