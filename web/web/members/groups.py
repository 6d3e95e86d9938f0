"""Groups, for those who run a workspace."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.sharing import Sharings
from web.forms import Form
from web.pages import Pages, go
from web.paths import Id
from web.problems import words_of
from web.visitors import Administrator, Visitor

router = APIRouter(prefix="/admin/groups", include_in_schema=False)
_HERE = "/admin/groups"
_LONGEST_NAME = 100
PagesHere = Annotated[Pages, provided(Pages)]
SharingsHere = Annotated[Sharings, provided(Sharings)]


class NoName(StoreError):
    """A group needs a name."""

    kind = ErrorKind.INVALID
    code = "group_without_name"


@router.get("")
async def groups(
    request: Request, visitor: Administrator, pages: PagesHere, sharings: SharingsHere
) -> Response:
    """The groups of the workspace, and who is in each."""
    return await _page(request, visitor, pages, sharings)


@router.post("")
async def make(
    request: Request, visitor: Administrator, form: Form, pages: PagesHere, sharings: SharingsHere
) -> Response:
    """Make a group."""
    try:
        await sharings.make_group(visitor.token, _name(form.text("name")))
    except StoreError as error:
        if error.kind not in (ErrorKind.INVALID, ErrorKind.CONFLICT):
            raise
        message = words_of(pages.language(request), error)
        return await _page(request, visitor, pages, sharings, message=message)
    return go(request, _HERE)


@router.post("/{group_id}/rename")
async def rename(
    request: Request, visitor: Administrator, form: Form, sharings: SharingsHere, group_id: Id
) -> Response:
    """Give a group another name."""
    await sharings.rename_group(visitor.token, group_id, _name(form.text("name")))
    return go(request, _HERE)


@router.post("/{group_id}/delete")
async def delete(
    request: Request, visitor: Administrator, form: Form, sharings: SharingsHere, group_id: Id
) -> Response:
    """Delete a group, and what was shared with it."""
    del form  # read for its token
    await sharings.delete_group(visitor.token, group_id)
    return go(request, _HERE)


@router.post("/{group_id}/add")
async def add(
    request: Request, visitor: Administrator, form: Form, sharings: SharingsHere, group_id: Id
) -> Response:
    """Take a member in."""
    await sharings.put_in_group(visitor.token, group_id, form.id("member") or "none")
    return go(request, _HERE)


@router.post("/{group_id}/remove")
async def remove(
    request: Request, visitor: Administrator, form: Form, sharings: SharingsHere, group_id: Id
) -> Response:
    """Take a member out."""
    await sharings.take_out_of_group(visitor.token, group_id, form.id("member") or "none")
    return go(request, _HERE)


async def _page(
    request: Request, visitor: Visitor, pages: Pages, sharings: Sharings, message: str = ""
) -> Response:
    found = await sharings.groups(visitor.token)
    return pages.page(
        request,
        "pages/groups.html",
        status=400 if message else 200,
        groups=[(group, await sharings.members(visitor.token, group.id)) for group in found],
        colleagues=await sharings.colleagues(visitor.token),
        message=message,
    )


def _name(typed: str) -> str:
    if not 0 < len(typed) <= _LONGEST_NAME:
        raise NoName("A group needs a name of at most 100 characters.")
    return typed
