"""The builders' answer to a take-down."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.moderation import REPORT_CHARACTERS
from runtime.provide import provided
from web.clients.moderation import Moderation
from web.forms import Form
from web.pages import go
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)


class AnswerUnfit(StoreError):
    """No words, or more than are read."""

    kind = ErrorKind.INVALID
    code = "answer_unfit"


@router.post("/{assistant_id}/takedown/answer")
async def answer(
    request: Request,
    visitor: SignedIn,
    form: Form,
    moderation: Annotated[Moderation, provided(Moderation)],
    assistant_id: Id,
) -> Response:
    """Ask the moderators for another look."""
    words = form.text("words")
    if not 0 < len(words) <= REPORT_CHARACTERS:
        raise AnswerUnfit("Write why they should look again, in at most 2,000 characters.")
    await moderation.answer(visitor.token, assistant_id, words)
    return go(request, f"/studio/{assistant_id}#taken-down")
