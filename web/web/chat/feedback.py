"""What a reader says of an answer: a thumb, and words to those who build the assistant."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.chat.talking import Talking
from web.forms import Form
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/chat/messages/{message_id}/feedback", include_in_schema=False)


@router.post("")
async def give(
    request: Request, visitor: SignedIn, form: Form, talking: Talking, message_id: Id
) -> Response:
    """Say what an answer is worth; once more replaces it."""
    return await talking.give_feedback(request, visitor, form, message_id)


@router.post("/remove")
async def take_back(
    request: Request, visitor: SignedIn, form: Form, talking: Talking, message_id: Id
) -> Response:
    """As if nothing had been said."""
    del form  # read for its token
    return await talking.take_feedback_back(request, visitor, message_id)
