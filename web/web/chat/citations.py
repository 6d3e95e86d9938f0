"""What a citation opens: the quote in its document version, on its page or in its text."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.files import PassageSurroundings
from runtime.provide import provided
from web.clients.knowledge import Knowledge
from web.pages import Pages
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/chat/passages", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
KnowledgeHere = Annotated[Knowledge, provided(Knowledge)]

MOST = 1 << 31
MOST_PAGES = 1_000_000
PICTURE_TYPES = ("image/png", "image/webp")
PICTURE_HEADERS = {
    # Whoever opens the picture by itself gets a picture, whatever its bytes would like to be.
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-cache",
}


class NoPicture(StoreError):
    """There is no picture of such a page."""

    kind = ErrorKind.NOT_FOUND
    code = "page_picture_not_found"


class Asked(BaseModel):
    """What an address asks to see, as it was written."""

    start: str = ""
    end: str = ""
    page: str = ""


@dataclass(frozen=True)
class Opened:
    """The text of a page in five parts. lead and trail stand around the passage."""

    lead: str
    before: str
    quote: str
    after: str
    trail: str


@router.get("/{passage_id}")
async def passage(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    knowledge: KnowledgeHere,
    passage_id: Id,
    asked: Annotated[Asked, Query()],
) -> Response:
    """A passage as it stands in its document, the quote marked. Addresses are copied and cut by
    people: numbers that are none mark nothing, and fail nothing."""
    wanted = min(number_of(asked.page), MOST_PAGES) or None
    start, end = number_of(asked.start), number_of(asked.end)
    found = await knowledge.surroundings(visitor.token, passage_id, start, end, wanted)
    return pages.page(
        request,
        "pages/passage.html",
        found=found,
        passage=found.passage,
        parts=parts_of(found),
        has_marks=any(page.marks for page in found.pages),
        browsed=wanted,
    )


@router.get("/{passage_id}/pages/{number}")
async def page_picture(
    visitor: SignedIn,
    knowledge: KnowledgeHere,
    passage_id: Id,
    number: str,
    if_none_match: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """A page of the document as a picture."""
    wanted = number_of(number)
    if not 0 < wanted <= MOST_PAGES:
        raise NoPicture("There is no such page.")
    known = if_none_match if if_none_match.isascii() and if_none_match.isprintable() else ""
    found = await knowledge.page_picture(visitor.token, passage_id, wanted, known)
    headers = PICTURE_HEADERS | {"etag": found.headers.get("etag", "")}
    if not found.content:
        return Response(status_code=304, headers=headers)
    media_type = found.headers.get("content-type", "")
    if media_type not in PICTURE_TYPES:
        raise NoPicture("There is no picture of that page.")
    return Response(found.content, media_type=media_type, headers=headers)


def number_of(text: str) -> int:
    """A number from an address; 0 for whatever is none, and no larger than numbers get."""
    if not text.isascii() or not text.isdecimal():
        return 0
    return min(int(text), MOST) if len(text) <= len(str(MOST)) else MOST


def parts_of(found: PassageSurroundings) -> Opened:
    """The text cut where the passage and the quote begin and end."""
    passage = found.passage
    cuts = (passage.start, found.quote_start, found.quote_end, passage.end)
    first, *more = (min(max(cut - found.text_start, 0), len(found.text)) for cut in cuts)
    second, third, last = more
    text = found.text
    return Opened(
        lead=text[:first],
        before=text[first:second],
        quote=text[second:third],
        after=text[third:last],
        trail=text[last:],
    )
