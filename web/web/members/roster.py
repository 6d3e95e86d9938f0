"""Members and invites, for those who run a workspace or the installation."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from contracts.accounts import Power
from contracts.errors import ErrorKind, StoreError
from contracts.invites import InviteCreate
from runtime.provide import provided
from web.clients.members import Members
from web.clients.workspaces import Workspaces
from web.forms import Form
from web.pages import Pages, go
from web.paths import Id
from web.problems import field_problems, words_of
from web.visitors import Administrator, Visitor

router = APIRouter(prefix="/admin", include_in_schema=False)
_HERE = "/admin/members"
_ROLES = (Power.MEMBER, Power.GUEST, Power.ADMIN)
_UNTOUCHED = {"email": "", "role": Power.MEMBER.value, "new_workspace": ""}
PagesHere = Annotated[Pages, provided(Pages)]
MembersHere = Annotated[Members, provided(Members)]


@router.get("/members")
async def members(
    request: Request, visitor: Administrator, pages: PagesHere, people: MembersHere, after: str = ""
) -> Response:
    """Who is here, and the invites that are open."""
    return await _page(request, visitor, pages, people, after=after)


@router.post("/invites")
async def invite(
    request: Request, visitor: Administrator, form: Form, pages: PagesHere, people: MembersHere
) -> Response:
    """Make an invite. The answer itself shows the link, so that it is kept nowhere on the way."""
    typed = {name: form.text(name) for name in _UNTOUCHED}
    wanted: dict[str, str] = {"email": typed["email"], "role": typed["role"] or Power.MEMBER.value}
    if typed["new_workspace"]:
        wanted |= {"new_workspace": typed["new_workspace"], "role": Power.OWNER.value}
    try:
        made = await people.invite(visitor.token, InviteCreate.model_validate(wanted))
    except ValidationError as error:
        problems = field_problems(error)
        return await _page(
            request, visitor, pages, people, status=422, typed=typed, problems=problems
        )
    except StoreError as error:
        if error.kind not in (ErrorKind.INVALID, ErrorKind.FORBIDDEN, ErrorKind.CONFLICT):
            raise
        message = words_of(pages.language(request), error)
        return await _page(
            request, visitor, pages, people, status=400, typed=typed, message=message
        )
    return await _page(request, visitor, pages, people, made=made)


@router.get("/invites")
async def after_inviting(request: Request, visitor: Administrator) -> Response:
    """Where the browser stands after making an invite; asked for again, it shows no link."""
    del visitor  # asked for, because this is theirs alone
    return go(request, _HERE)


@router.post("/invites/{invite_id}/revoke")
async def revoke(
    request: Request, visitor: Administrator, form: Form, people: MembersHere, invite_id: Id
) -> Response:
    """The invite opens nothing from now on."""
    del form  # read for its token
    await people.revoke(visitor.token, invite_id)
    return go(request, _HERE)


@router.post("/members/{member_id}/{verb}")
async def suspend(
    request: Request,
    visitor: Administrator,
    form: Form,
    workspaces: Annotated[Workspaces, provided(Workspaces)],
    member_id: Id,
    verb: Literal["suspend", "reinstate"],
) -> Response:
    """Shut somebody out of the installation, or let them in again."""
    del form  # read for its token
    await workspaces.suspend(visitor.token, member_id, is_suspended=verb == "suspend")
    return go(request, _HERE)


async def _page(
    request: Request,
    visitor: Visitor,
    pages: Pages,
    people: Members,
    after: str = "",
    *,
    status: int = 200,
    **values: Any,
) -> Response:
    shown = {"typed": _UNTOUCHED, "problems": {}, "message": "", "made": None} | values
    return pages.page(
        request,
        "pages/members.html",
        status=status,
        members=await people.page(visitor.token, after),
        invites=await people.invites(visitor.token),
        is_first_page=not after,
        roles=[role.value for role in _ROLES],
        every_role=[role.value for role in Power],
        **shown,
    )
