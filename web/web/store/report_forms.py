"""Reporting a listing: the form on its page, and what is sent with it."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.moderation import REPORT_CHARACTERS, ReportReason, ReportWrite
from runtime.provide import provided
from web.clients.moderation import Moderation
from web.forms import Form, Submitted
from web.pages import go
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/store", include_in_schema=False)
ModerationHere = Annotated[Moderation, provided(Moderation)]


class ReportUnfit(StoreError):
    """No reason, or more words than are read."""

    kind = ErrorKind.INVALID
    code = "report_unfit"


@router.post("/{slug}/report")
async def report(
    request: Request, visitor: SignedIn, form: Form, moderation: ModerationHere, slug: Id
) -> Response:
    """Say what is wrong with it; once more replaces it."""
    await moderation.report(visitor.token, slug, _said_in(form))
    return go(request, f"/store/{slug}#report")


@router.post("/{slug}/report/remove")
async def withdraw(
    request: Request, visitor: SignedIn, form: Form, moderation: ModerationHere, slug: Id
) -> Response:
    """As if nothing had been said."""
    del form  # read for its token
    await moderation.withdraw(visitor.token, slug)
    return go(request, f"/store/{slug}#report")


def _said_in(form: Submitted) -> ReportWrite:
    """Raises ReportUnfit."""
    reason, words = form.text("reason"), form.text("words")
    if reason not in set(ReportReason) or len(words) > REPORT_CHARACTERS:
        raise ReportUnfit("Choose a reason; what you add may have 2,000 characters.")
    return ReportWrite(reason=ReportReason(reason), words=words)
