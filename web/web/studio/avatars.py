"""An assistant's picture: chosen in the studio, shown wherever the assistant is."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.avatars import MOST_UPLOAD_BYTES, AvatarView, is_avatar
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.forms import Form
from web.pages import go, is_htmx
from web.paths import Id
from web.problems import words_of
from web.studio.knowledge import UPLOADS, NoFileChosen
from web.studio.workbench import Bench, Workbench
from web.visitors import SignedIn, Visitor

router = APIRouter(include_in_schema=False)
AssistantsHere = Annotated[Assistants, provided(Assistants)]

PICTURE_HEADERS = {
    # Whoever opens the picture by itself gets a picture, whatever its bytes would like to be.
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, max-age=31536000, immutable",
}
_OF_THE_FILE = (ErrorKind.INVALID, ErrorKind.TOO_LARGE, ErrorKind.UNSUPPORTED)


class PictureTooLarge(StoreError):
    """More bytes than a picture may have."""

    kind = ErrorKind.TOO_LARGE
    code = "avatar_too_large"


class NoPicture(StoreError):
    """The assistant has no such picture."""

    kind = ErrorKind.NOT_FOUND
    code = "avatar_not_found"


@router.get("/avatars/{assistant_id}/{picture_hash}")
async def picture(
    visitor: SignedIn, assistants: AssistantsHere, assistant_id: Id, picture_hash: Id
) -> Response:
    """A picture by its hash: what it names never changes."""
    content = await assistants.picture(visitor.token, assistant_id, picture_hash)
    if not is_avatar(content):
        raise NoPicture("There is no such picture.")
    return Response(content, media_type="image/png", headers=PICTURE_HEADERS)


@router.post(UPLOADS + "{assistant_id}/avatar")
async def choose(
    request: Request,
    visitor: SignedIn,
    form: Form,
    bench: Bench,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """Send a picture; it is read a moment later."""
    files = form.files("picture")
    if not files:
        raise NoFileChosen("Choose a file first.")
    try:
        if (files[0].size or 0) > MOST_UPLOAD_BYTES:
            raise PictureTooLarge("A picture has at most 2 MB.")
        found = await assistants.send_avatar(visitor.token, assistant_id, await files[0].read())
    except StoreError as error:
        if error.kind not in _OF_THE_FILE:
            raise
        refused = words_of(bench.pages.language(request), error)
        return await _refused(request, visitor, bench, assistants, assistant_id, refused)
    if is_htmx(request):
        return await _shown(request, visitor, bench, assistants, found)
    return go(request, f"/studio/{assistant_id}#who")


@router.post("/studio/{assistant_id}/avatar/remove")
async def remove(
    request: Request,
    visitor: SignedIn,
    form: Form,
    bench: Bench,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """Let the pattern stand for the draft again."""
    del form  # read for its token
    found = await assistants.remove_avatar(visitor.token, assistant_id)
    if is_htmx(request):
        return await _shown(request, visitor, bench, assistants, found)
    return go(request, f"/studio/{assistant_id}#who")


@router.get("/studio/{assistant_id}/avatar")
async def how_far(
    request: Request,
    visitor: SignedIn,
    bench: Bench,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """How far a new picture is: the page asks until it is read."""
    found = await assistants.avatar(visitor.token, assistant_id)
    if is_htmx(request):
        return await _shown(request, visitor, bench, assistants, found)
    return go(request, f"/studio/{assistant_id}#who")


async def _shown(
    request: Request,
    visitor: Visitor,
    bench: Workbench,
    assistants: Assistants,
    found: AvatarView,
    refused: str = "",
) -> Response:
    assistant = await assistants.get(visitor.token, found.assistant_id)
    return bench.pages.page(
        request,
        "partials/avatar_form.html",
        assistant=assistant,
        picture=found,
        picture_refused=refused,
        is_swap=True,
    )


async def _refused(
    request: Request,
    visitor: Visitor,
    bench: Workbench,
    assistants: Assistants,
    assistant_id: str,
    refused: str,
) -> Response:
    if is_htmx(request):
        found = await assistants.avatar(visitor.token, assistant_id)
        return await _shown(request, visitor, bench, assistants, found, refused)
    assistant = await assistants.get(visitor.token, assistant_id)
    return await bench.page(request, visitor, assistant, status=422, picture_refused=refused)
