"""Past conversations kept in order: listed, searched, named, pinned, in folders, deleted."""

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from contracts.conversations import ConversationModify, FolderCreate
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.conversations import Conversations, Wanted
from web.forms import Form
from web.pages import Pages, go
from web.paths import ID_PATTERN, Id
from web.visitors import SignedIn, Visitor

router = APIRouter(prefix="/chat", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
Chats = Annotated[Conversations, provided(Conversations)]
Format = Literal["md", "json"]
_TYPES = {"md": "text/markdown; charset=utf-8", "json": "application/json"}
LONGEST_TITLE = 200
LONGEST_FOLDER = 100
LONGEST_SEARCH = 200


class NameNeeded(StoreError):
    """A conversation or a folder without a name, or with one that is too long."""

    kind = ErrorKind.INVALID
    code = "name_needed"


class Looking(BaseModel):
    """What the list of conversations is to show. deleted: the one that can be had back."""

    after: str = ""
    folder: str = ""
    query: str = ""
    deleted: str = ""


@router.get("")
async def history(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    chats: Chats,
    looking: Annotated[Looking, Query()],
) -> Response:
    """The member's conversations, latest first; what is pinned stands above."""
    folders = await chats.folders(visitor.token)
    folder = next((each for each in folders if each.id == looking.folder), None)
    query = looking.query.strip()[:LONGEST_SEARCH]
    is_all = folder is None and not query
    wanted = Wanted(folder.id if folder else "", query, False if is_all else None)
    pinned = Wanted(pinned=True)
    return pages.page(
        request,
        "pages/chat_history.html",
        page=await chats.page(visitor.token, wanted, looking.after),
        pinned=(await chats.page(visitor.token, pinned)).data
        if is_all and not looking.after
        else [],
        folders=folders,
        folder=folder,
        query=query,
        is_first_page=not looking.after,
        deleted=looking.deleted if re.fullmatch(ID_PATTERN, looking.deleted) else "",
    )


@router.get("/{conversation_id}/export.md")
async def export_as_markdown(visitor: SignedIn, chats: Chats, conversation_id: Id) -> Response:
    """A conversation to take along, to be read."""
    return await _export(visitor, chats, conversation_id, "md")


@router.get("/{conversation_id}/export.json")
async def export_as_json(visitor: SignedIn, chats: Chats, conversation_id: Id) -> Response:
    """A conversation to take along, for programs."""
    return await _export(visitor, chats, conversation_id, "json")


@router.post("/folders/{folder_id}/rename")
async def rename_folder(
    request: Request, visitor: SignedIn, form: Form, chats: Chats, folder_id: Id
) -> Response:
    """Give a folder another name."""
    wanted = FolderCreate(name=_name(form.text("name"), LONGEST_FOLDER))
    await chats.rename_folder(visitor.token, folder_id, wanted)
    return go(request, f"/chat?folder={folder_id}")


@router.post("/folders/{folder_id}/delete")
async def delete_folder(
    request: Request, visitor: SignedIn, form: Form, chats: Chats, folder_id: Id
) -> Response:
    """Take a folder away; its conversations stay."""
    del form  # read for its token
    await chats.delete_folder(visitor.token, folder_id)
    return go(request, "/chat")


@router.post("/{conversation_id}/keep")
async def keep(
    request: Request, visitor: SignedIn, form: Form, chats: Chats, conversation_id: Id
) -> Response:
    """Name a conversation, pin it, put it into a folder; a folder with a new name is made."""
    title = _name(form.text("title"), LONGEST_TITLE)
    folder_id = form.id("folder_id") or None
    if new := form.text("new_folder"):
        made = FolderCreate(name=_name(new, LONGEST_FOLDER))
        folder_id = (await chats.make_folder(visitor.token, made)).id
    changes = ConversationModify(
        title=title, pinned=form.text("pinned") == "yes", folder_id=folder_id
    )
    await chats.modify(visitor.token, conversation_id, changes)
    return go(request, f"/chat/{conversation_id}")


@router.post("/{conversation_id}/delete")
async def delete(
    request: Request, visitor: SignedIn, form: Form, chats: Chats, conversation_id: Id
) -> Response:
    """Delete a conversation. It can be had back, unless it was temporary."""
    del form  # read for its token
    found = await chats.get(visitor.token, conversation_id)
    await chats.delete(visitor.token, conversation_id)
    return go(request, "/chat" if found.expires_at else f"/chat?deleted={conversation_id}")


@router.post("/{conversation_id}/restore")
async def restore(
    request: Request, visitor: SignedIn, form: Form, chats: Chats, conversation_id: Id
) -> Response:
    """Have a deleted conversation back."""
    del form  # read for its token
    await chats.restore(visitor.token, conversation_id)
    return go(request, f"/chat/{conversation_id}")


async def _export(visitor: Visitor, chats: Conversations, talk: str, form: Format) -> Response:
    found = await chats.export(visitor.token, talk, form)
    return StreamingResponse(
        found.aiter_bytes(),
        media_type=_TYPES[form],
        headers={
            "content-disposition": f'attachment; filename="{talk}.{form}"',
            "cache-control": "no-store",
        },
        background=BackgroundTask(found.aclose),
    )


def _name(text: str, longest: int) -> str:
    line = " ".join(text.split())
    if not line or len(line) > longest:
        raise NameNeeded(f"A name needs 1 to {longest} characters.")
    return line
