"""The studio's pages: my assistants, a new one, one's draft, publishing and deleting it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from contracts.assistants import Visibility
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.forms import Form
from web.pages import Pages, go, is_htmx
from web.paths import ID_PATTERN, Id
from web.problems import field_problems
from web.studio.forms import changes, new_assistant
from web.studio.saving import SaveDesk
from web.studio.workbench import Bench, filled_up
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]


@router.get("")
async def mine(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    after: str = "",
    deleted: Annotated[str, Query(pattern=f"^$|{ID_PATTERN}")] = "",
) -> Response:
    """The workspace's assistants, newest first. deleted: one that was just deleted, to undo it."""
    page = await assistants.page(visitor.token, after)
    return pages.page(
        request, "pages/studio.html", page=page, is_first_page=not after, deleted=deleted
    )


@router.post("")
async def create(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    assistants: AssistantsHere,
) -> Response:
    """Make an assistant; its knowledge comes next."""
    try:
        made = await assistants.create(visitor.token, new_assistant(form))
    except ValidationError as error:
        typed = {name: form.text(name) for name in ("name", "description", "instructions")}
        return pages.page(
            request,
            "pages/studio_new.html",
            status=422,
            typed=typed,
            starters=filled_up(form.lines("starters")),
            problems=field_problems(error),
            wish="",
            message="",
            is_drafted=False,
        )
    return go(request, f"/studio/{made.id}#knowledge")


@router.get("/{assistant_id}")
async def edit(
    request: Request,
    visitor: SignedIn,
    assistants: AssistantsHere,
    bench: Bench,
    assistant_id: Id,
    after: str = "",
) -> Response:
    """An assistant's draft."""
    assistant = await assistants.get(visitor.token, assistant_id)
    return await bench.page(request, visitor, assistant, after=after)


@router.post("/{assistant_id}")
async def save(
    request: Request,
    visitor: SignedIn,
    form: Form,
    assistants: AssistantsHere,
    desk: Annotated[SaveDesk, Depends()],
    assistant_id: Id,
) -> Response:
    """Change the draft by one fold of its form."""
    try:
        saved = await assistants.modify(visitor.token, assistant_id, changes(form))
    except ValidationError as error:
        return await desk.not_valid(request, visitor, assistant_id, form, field_problems(error))
    except StoreError as error:
        if error.code != "draft_changed":
            raise
        return await desk.changed_meanwhile(request, visitor, assistant_id, form)
    return await desk.saved(request, visitor, saved)


@router.post("/{assistant_id}/publish")
async def publish(
    request: Request,
    visitor: SignedIn,
    form: Form,
    bench: Bench,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """Freeze the draft as the next version."""
    published = await assistants.publish(visitor.token, assistant_id, form.text("note"))
    if is_htmx(request):
        return await bench.published(request, visitor, published)
    return go(request, f"/studio/{assistant_id}#sharing")


class NotAVisibility(StoreError):
    """The form names no visibility there is."""

    kind = ErrorKind.INVALID
    code = "invalid_request"


@router.post("/{assistant_id}/sharing")
async def share(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """Say who may ask it; this holds at once."""
    chosen = form.text("visibility")
    if chosen not in set(Visibility):
        raise NotAVisibility("Choose who may ask it.")
    shared = await assistants.share(visitor.token, assistant_id, Visibility(chosen))
    if is_htmx(request):
        return pages.page(request, "partials/visibility.html", assistant=shared, is_saved=True)
    return go(request, f"/studio/{assistant_id}#visibility")


@router.get("/{assistant_id}/delete")
async def ask_to_delete(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """Ask first: people who talk to it lose it at once."""
    assistant = await assistants.get(visitor.token, assistant_id)
    return pages.page(request, "pages/studio_delete.html", assistant=assistant)


@router.post("/{assistant_id}/delete")
async def delete(
    request: Request,
    visitor: SignedIn,
    form: Form,
    assistants: AssistantsHere,
    assistant_id: Id,
) -> Response:
    """Delete it with its versions."""
    del form  # read for its token
    await assistants.delete(visitor.token, assistant_id)
    return go(request, f"/studio?deleted={assistant_id}")
