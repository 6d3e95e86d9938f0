"""Keyset paging: stable while rows arrive, because a cursor is an id and not a number of rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, Row, Select
from sqlalchemy.orm import InstrumentedAttribute

from contracts.lists import Page
from gateway.db import Transaction

R = TypeVar("R")
V = TypeVar("V")


@dataclass(frozen=True)
class PageRequest:
    """Which page. after, before: cursors in the order asked for."""

    limit: int = 20
    after: str | int | None = None
    before: str | int | None = None
    order: Literal["asc", "desc"] = "desc"


def _page_request(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str | None, Query(max_length=100)] = None,
    before: Annotated[str | None, Query(max_length=100)] = None,
    order: Literal["asc", "desc"] = "desc",
) -> PageRequest:
    return PageRequest(limit=limit, after=after, before=before, order=order)


Paging = Annotated[PageRequest, Depends(_page_request)]
"""The four query parameters every list takes."""


def _long_page_request(
    limit: Annotated[int, Query(ge=1, le=10_000)] = 20,
    after: Annotated[str | None, Query(max_length=100)] = None,
    before: Annotated[str | None, Query(max_length=100)] = None,
    order: Literal["asc", "desc"] = "desc",
) -> PageRequest:
    return PageRequest(limit=limit, after=after, before=before, order=order)


LongPaging = Annotated[PageRequest, Depends(_long_page_request)]
"""The same for lists whose pages OpenAI lets be long."""


@dataclass(frozen=True)
class Rows(Generic[R]):
    """The rows of one page, in the order asked for."""

    rows: Sequence[R]
    has_more: bool


async def fetch_page(
    tx: Transaction, query: Select[R], key: InstrumentedAttribute[Any], page: PageRequest
) -> Rows[R]:
    """Run `query`, cut to the page. `key`: the unique column that orders it."""
    query, is_backwards = _cut(query, key, page)
    return _turned(list((await tx.scalars(query)).all()), page, is_backwards)


async def fetch_rows(
    tx: Transaction, query: Select[Any], key: ColumnElement[Any], page: PageRequest
) -> Rows[Row[Any]]:
    """The same of a query that computes its rows and their key."""
    query, is_backwards = _cut(query, key, page)
    return _turned(list((await tx.execute(query)).all()), page, is_backwards)


def _cut(query: Any, key: Any, page: PageRequest) -> tuple[Any, bool]:
    is_ascending = page.order == "asc"
    # Going backwards reads from the cursor towards the front and turns the result round.
    is_backwards = page.before is not None and page.after is None
    if page.after is not None:
        query = query.where(key > page.after if is_ascending else key < page.after)
    if page.before is not None:
        query = query.where(key < page.before if is_ascending else key > page.before)
    reads_up = is_ascending != is_backwards
    query = query.order_by(key.asc() if reads_up else key.desc()).limit(page.limit + 1)
    return query, is_backwards


def _turned(found: list[R], page: PageRequest, is_backwards: bool) -> Rows[R]:
    rows = found[: page.limit]
    if is_backwards:
        rows.reverse()
    return Rows(rows, has_more=len(found) > page.limit)


def as_page(rows: Rows[R], view: Callable[[R], V], cursor: Callable[[V], str]) -> Page[V]:
    """The wire form of a page; `cursor` finds the id of an item."""
    data = [view(row) for row in rows.rows]
    return Page(
        data=data,
        first_id=cursor(data[0]) if data else None,
        last_id=cursor(data[-1]) if data else None,
        has_more=rows.has_more,
    )
