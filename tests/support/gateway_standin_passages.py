"""The stand-in's passages: `psg_walk` in its text, and the pages of a booklet as pictures.

`psg_walk` is of a document that was read anew since. `psg_booklet` runs over the two pages of
`BOOKLET`, which are drawn when they are first asked for.
"""

from functools import cache

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.errors import ErrorKind
from contracts.files import PassageSurroundings, PassageView
from contracts.page_pictures import PageView, PictureUpload
from gateway.knowledge.rules import marks_between, pages_between
from ingest.parsing.parsed import Parsed
from tests.support import documents
from tests.support.gateway_standin import PASSAGE, Refused, Standin, not_found
from tests.support.page_pictures import drawn, pictures_of

LEAD = "Columns carried its roof, and between them one looked at the market.\n"
TRAIL = "\nIn the evening the merchants closed their stalls."
START = 1000


@cache
def booklet() -> tuple[Parsed, list[PictureUpload]]:
    """The rules of the harbour as a PDF, read and drawn."""
    parsed, pages = drawn(documents.english_pdf().content)
    return parsed, pictures_of(parsed, pages)


def passages_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter(prefix="/v1/passages")
    router.add_api_route("/{passage_id}/surroundings", surroundings)
    router.add_api_route("/{passage_id}/pages/{number}", page_picture, response_model=None)
    return router


def _signed_in(request: Request) -> None:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    if request.headers.get("authorization", "").removeprefix("Bearer ") not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")


async def surroundings(
    request: Request, passage_id: str, start: int = 0, end: int = 0, page: int | None = None
) -> PassageSurroundings:
    _signed_in(request)
    if passage_id == "psg_booklet":
        return _of_booklet(start, end, page)
    if passage_id != "psg_walk":
        raise not_found("passage")
    passage = PassageView(
        id=passage_id,
        file_id="file-walk",
        filename="the-covered-walk.pdf",
        document_version=1,
        page=12,
        header="The covered walk > What it was for > page 12",
        start=START,
        end=START + len(PASSAGE),
        text=PASSAGE,
    )
    return PassageSurroundings(
        passage=passage,
        title="The covered walk",
        **_quote(passage, start, end),
        text=LEAD + PASSAGE + TRAIL,
        text_start=START - len(LEAD),
        text_length=9_000,
        newest_version=2,
        previous_passage_id="psg_walk",
    )


def _of_booklet(start: int, end: int, page: int | None) -> PassageSurroundings:
    parsed, pictures = booklet()
    first, second = parsed.pages[0].start, parsed.pages[1].start
    passage = PassageView(
        id="psg_booklet",
        file_id="file-rules",
        filename="harbour-rules.pdf",
        document_version=1,
        page=1,
        header="Rules of the Harbour of Lindwick > page 1",
        start=first,
        end=second + 400,
        text=parsed.text[first : second + 400],
    )
    quote = _quote(passage, start, end)
    span = (quote["quote_start"], quote["quote_end"])
    numbers = [page] if page else pages_between(parsed.pages, *span)
    shown = [one for one in pictures if one.number in numbers]
    return PassageSurroundings(
        passage=passage,
        title=parsed.title,
        **quote,
        text=parsed.text[: second + 900],
        text_start=0,
        text_length=len(parsed.text),
        newest_version=1,
        pages=[
            PageView(
                number=one.number,
                width=one.width,
                height=one.height,
                marks=marks_between(one.runs, *span),
            )
            for one in shown
        ],
        next_page=next((n for n in range(numbers[-1] + 1, 6)), None),
        previous_page=numbers[0] - 1 or None,
    )


def _quote(passage: PassageView, start: int, end: int) -> dict[str, int]:
    first = min(max(start, passage.start), passage.end)
    last = min(max(end, first), passage.end)
    return {"quote_start": first, "quote_end": last}


async def page_picture(request: Request, passage_id: str, number: int) -> Response:
    _signed_in(request)
    found = [one for one in booklet()[1] if one.number == number]
    if passage_id != "psg_booklet" or not found:
        raise not_found("page_picture")
    tag = f'"page-{number}"'
    headers = {"cache-control": "private, no-cache", "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(found[0].content, media_type=found[0].media_type, headers=headers)
