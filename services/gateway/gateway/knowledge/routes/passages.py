"""Passages on the public API: what a citation names, and what it opens."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from contracts.files import PassageSurroundings, PassageView
from gateway.knowledge.routes.asking import Reader
from gateway.knowledge.service.pictures import PictureService
from gateway.knowledge.service.reading import PassageReader
from gateway.knowledge.service.surroundings import SurroundingsService, Wish
from runtime.provide import provided

router = APIRouter(prefix="/v1/passages", tags=["vector stores"])
Passages = Annotated[PassageReader, provided(PassageReader)]
Surroundings = Annotated[SurroundingsService, provided(SurroundingsService)]
Pictures = Annotated[PictureService, provided(PictureService)]

MOST = 1 << 31
Offset = Annotated[int, Query(ge=0, le=MOST)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]

PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in ("image/png", "image/webp")
        }
    },
    304: {"description": "The picture is the one whose `ETag` was sent."},
}


@router.get("/{passage_id}")
async def passage(passage_id: str, caller: Reader, passages: Passages) -> PassageView:
    """One passage, as a citation names it."""
    return await passages.show(caller, passage_id)


@router.get("/{passage_id}/surroundings")
async def surroundings(
    passage_id: str,
    caller: Reader,
    service: Surroundings,
    start: Offset = 0,
    end: Offset = 0,
    page: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> PassageSurroundings:
    """A passage in its document version: the text around it, its pages, and where on them the span
    from `start` to `end` stands. Of a version that was superseded, that version."""
    return await service.show(caller, passage_id, Wish(start, end, page))


@router.get("/{passage_id}/pages/{number}", response_class=Response, responses=PICTURE)
async def page_picture(
    passage_id: str,
    number: Number,
    caller: Reader,
    pictures: Pictures,
    if_none_match: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """A page of the passage's document version as a picture."""
    picture = await pictures.find(caller, passage_id, number)
    tag = f'"{picture.digest}"'
    # Kept by the reader's own browser only, and shown from there only after the rights were asked.
    headers = {"cache-control": "private, no-cache", "etag": tag}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    content = await pictures.content(picture)
    return Response(content, media_type=picture.media_type, headers=headers)
