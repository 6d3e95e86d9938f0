"""An assistant passed on: copied, exported, given to somebody else, brought back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from runtime.provide import provided
from web.clients.assistants import Assistants
from web.clients.sharing import Sharings
from web.clients.versions import Versions
from web.forms import Form
from web.pages import Pages, go
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]
VersionsHere = Annotated[Versions, provided(Versions)]

LONGEST_NAME = 256


@router.get("/{assistant_id}/passing")
async def passing(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    sharings: Annotated[Sharings, provided(Sharings)],
    assistant_id: Id,
) -> Response:
    """Where it may go: a copy, an archive, another owner."""
    assistant = await assistants.get(visitor.token, assistant_id)
    language = pages.language(request)
    copy = language.gettext("%(name)s (copy)") % {"name": assistant.name}
    return pages.page(
        request,
        "pages/passing.html",
        assistant=assistant,
        copy_name=copy[:LONGEST_NAME],
        colleagues=await sharings.colleagues(visitor.token),
    )


@router.post("/{assistant_id}/duplicate")
async def duplicate(
    request: Request, visitor: SignedIn, form: Form, versions: VersionsHere, assistant_id: Id
) -> Response:
    """Make another one like it; its page says what could not come along."""
    made = await versions.duplicate(visitor.token, assistant_id, form.text("name"))
    return go(request, f"/studio/{made.assistant.id}/made?left_out={len(made.left_out)}")


@router.get("/{assistant_id}/made")
async def made(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    assistant_id: Id,
    left_out: Annotated[int, Query(ge=0, le=100)] = 0,
) -> Response:
    """A new assistant that came of another one or of an archive, and what it lacks."""
    assistant = await assistants.get(visitor.token, assistant_id)
    return pages.page(request, "pages/made.html", assistant=assistant, left_out=left_out)


@router.post("/{assistant_id}/transfer")
async def transfer(
    request: Request, visitor: SignedIn, form: Form, versions: VersionsHere, assistant_id: Id
) -> Response:
    """Give it to somebody else. Whoever gave it may not see it any more."""
    await versions.transfer(visitor.token, assistant_id, form.id("member"))
    return go(request, "/studio")


@router.get("/{assistant_id}/bundle")
async def bundle(
    visitor: SignedIn,
    versions: VersionsHere,
    assistant_id: Id,
    version: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The archive, passed on as it comes."""
    found = await versions.bundle(visitor.token, assistant_id, version)
    return StreamingResponse(
        found.aiter_bytes(),
        media_type="application/zip",
        headers={"content-disposition": found.headers.get("content-disposition", "attachment")},
        background=BackgroundTask(found.aclose),
    )


@router.post("/{assistant_id}/bring-back")
async def bring_back(
    request: Request, visitor: SignedIn, form: Form, versions: VersionsHere, assistant_id: Id
) -> Response:
    """Undo a delete."""
    del form  # read for its token
    back = await versions.bring_back(visitor.token, assistant_id)
    return go(request, f"/studio/{back.id}")
