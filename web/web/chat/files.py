"""Files attached to a conversation: sent, followed until they are read, taken out again."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from web.chat.showing import Place, Showing, Unsent
from web.forms import Form
from web.pages import go, is_htmx
from web.paths import Id
from web.visitors import SignedIn

UPLOADS = ("/chat/*/files$", "/chat/conversations$")
"""Only these addresses of the chat take large bodies."""

router = APIRouter(prefix="/chat", include_in_schema=False)


class NothingAttached(StoreError):
    """The form came without a file."""

    kind = ErrorKind.INVALID
    code = "no_file_chosen"


@router.post("/{conversation_id}/files")
async def attach(
    request: Request, visitor: SignedIn, form: Form, showing: Showing, conversation_id: Id
) -> Response:
    """Several files at once; a refused one does not stop the others."""
    files = form.files("files")
    if not files:
        raise NothingAttached("Choose a file first.")
    refused = await showing.attached(request, visitor, conversation_id, files)
    if is_htmx(request):
        return await showing.files(request, visitor, conversation_id, refused)
    if refused:
        return await showing.page(request, visitor, conversation_id, Place(), Unsent(refused))
    return go(request, f"/chat/{conversation_id}#latest")


@router.get("/{conversation_id}/files")
async def files_now(
    request: Request, visitor: SignedIn, showing: Showing, conversation_id: Id
) -> Response:
    """How far they are: a page asks for it until all are read."""
    if is_htmx(request):
        return await showing.files(request, visitor, conversation_id)
    await showing.check(visitor, conversation_id)
    return go(request, f"/chat/{conversation_id}#latest")


@router.post("/{conversation_id}/files/{attached_id}/remove")
async def take_out(
    request: Request,
    visitor: SignedIn,
    form: Form,
    showing: Showing,
    conversation_id: Id,
    attached_id: Id,
) -> Response:
    """Take a file out of a conversation, and delete it."""
    del form  # read for its token
    await showing.take_out(visitor, conversation_id, attached_id)
    if is_htmx(request):
        return await showing.files(request, visitor, conversation_id)
    return go(request, f"/chat/{conversation_id}#latest")
