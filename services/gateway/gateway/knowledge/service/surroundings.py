"""Where a passage stands in its document: in the text around it, and on its pages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.files import PassageSurroundings
from contracts.jobs import ParsedPage
from contracts.page_pictures import PageView
from gateway.blobs import Blobs, whole
from gateway.caller import Caller
from gateway.db import Database, Transaction
from gateway.knowledge.repository.passages import Origin, PassageRepository
from gateway.knowledge.repository.pictures import PictureRepository
from gateway.knowledge.rules import (
    LoadedPassage,
    around,
    marks_between,
    pages_between,
    quoted_within,
)
from gateway.knowledge.service.pictures import RUNS
from gateway.knowledge.service.reading import passage_view, readable_passage
from gateway.knowledge.tables import PagePicture


@dataclass(frozen=True)
class Wish:
    """What a reader wants to see: a span of the version's text, and on which page if on another."""

    start: int = 0
    end: int = 0
    page: int | None = None


@dataclass(frozen=True)
class _Shown:
    pictures: Sequence[PagePicture]
    previous: int | None
    next: int | None


class SurroundingsService:
    """Opens citations. What it shows is of the version that was cited, whatever came after it."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def show(self, caller: Caller, passage_id: str, wish: Wish) -> PassageSurroundings:
        """The passage in its version, with the wished span marked as far as it lies in it."""
        async with self._database.transaction() as tx:
            passage = await readable_passage(tx, caller, passage_id)
            origin = await PassageRepository(tx).origin(passage)
            quote = quoted_within(wish.start, wish.end, passage)
            shown = await _pictures(tx, passage, origin, quote, wish.page)
        text_start, text, length = await self._text_around(passage, origin)
        return PassageSurroundings(
            passage=passage_view(passage),
            title=passage.title,
            quote_start=quote[0],
            quote_end=quote[1],
            text=text,
            text_start=text_start,
            text_length=length,
            newest_version=origin.newest_version,
            previous_passage_id=origin.previous_passage_id,
            next_passage_id=origin.next_passage_id,
            pages=await asyncio.to_thread(_views, shown.pictures, quote),
            previous_page=shown.previous,
            next_page=shown.next,
        )

    async def _text_around(self, passage: LoadedPassage, origin: Origin) -> tuple[int, str, int]:
        if origin.text_blob_key is None:  # a restore had to leave it behind
            return passage.start, passage.text, passage.end
        content = await whole(self._blobs, origin.text_blob_key)
        return await asyncio.to_thread(_cut, content, passage)


def _cut(content: bytes, passage: LoadedPassage) -> tuple[int, str, int]:
    text = content.decode()
    first, last = around(text, passage.start, passage.end)
    return first, text[first:last], len(text)


async def _pictures(
    tx: Transaction,
    passage: LoadedPassage,
    origin: Origin,
    quote: tuple[int, int],
    page: int | None,
) -> _Shown:
    pages = [ParsedPage.model_validate(each) for each in origin.pages]
    start, end = quote if quote[1] > quote[0] else (passage.start, passage.start)
    numbers = pages_between(pages, start, end) if page is None else [page]
    if not numbers:
        return _Shown((), None, None)
    repository, version_id = PictureRepository(tx), passage.document_version_id
    pictures = await repository.of_pages(version_id, numbers)
    before, after = await repository.beside(version_id, numbers[0], numbers[-1])
    return _Shown(pictures, before, after)


def _views(pictures: Sequence[PagePicture], quote: tuple[int, int]) -> list[PageView]:
    return [
        PageView(
            number=picture.number,
            width=picture.width,
            height=picture.height,
            marks=marks_between(RUNS.validate_json(picture.runs), *quote),
        )
        for picture in pictures
    ]
