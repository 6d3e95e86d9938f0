"""The versions of an assistant: the list, one of them, two side by side; notes and restoring."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.assistants import AssistantModify
from contracts.versions import DRAFT
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.clients.versions import Versions
from web.forms import Form
from web.pages import Pages, go
from web.paths import Id
from web.studio.definitions import changed_settings, settings_of, side_by_side
from web.visitors import SignedIn

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]
VersionsHere = Annotated[Versions, provided(Versions)]


class Place:
    """The address of a version."""

    def __init__(self, assistant_id: Id, number: Id) -> None:
        self.assistant_id = assistant_id
        self.number = number
        self.list = f"/studio/{assistant_id}/versions"


class Desk:
    """What every page here is made with."""

    def __init__(
        self, pages: PagesHere, assistants: AssistantsHere, versions: VersionsHere
    ) -> None:
        self.pages = pages
        self.assistants = assistants
        self.versions = versions


@router.get("/{assistant_id}/versions")
async def versions(
    request: Request,
    visitor: SignedIn,
    desk: Annotated[Desk, Depends()],
    assistant_id: Id,
    after: str = "",
    left_out: Annotated[int, Query(ge=0, le=100)] = 0,
) -> Response:
    """What was published. left_out: collections that the version just restored lost."""
    assistant = await desk.assistants.get(visitor.token, assistant_id)
    found = await desk.versions.page(visitor.token, assistant.id, after)
    return desk.pages.page(
        request,
        "pages/versions.html",
        assistant=assistant,
        versions=found,
        is_first_page=not after,
        left_out=left_out,
    )


@router.get("/{assistant_id}/versions/{number}")
async def version(
    request: Request,
    visitor: SignedIn,
    desk: Annotated[Desk, Depends()],
    place: Annotated[Place, Depends()],
) -> Response:
    """One version: instructions, settings, files."""
    assistant = await desk.assistants.get(visitor.token, place.assistant_id)
    found = await desk.versions.get(visitor.token, assistant.id, place.number)
    return desk.pages.page(
        request,
        "pages/version.html",
        assistant=assistant,
        version=found,
        settings=settings_of(desk.pages.language(request), found.definition),
    )


@router.get("/{assistant_id}/compare")
async def compare(
    request: Request,
    visitor: SignedIn,
    desk: Annotated[Desk, Depends()],
    assistant_id: Id,
    before: Annotated[str, Query(alias="from", max_length=20)] = "",
    after: Annotated[str, Query(alias="to", max_length=20)] = DRAFT,
) -> Response:
    """Two states side by side."""
    assistant = await desk.assistants.get(visitor.token, assistant_id)
    told = await desk.versions.compare(visitor.token, assistant.id, before, after)
    known = await desk.versions.page(visitor.token, assistant.id)
    return desk.pages.page(
        request,
        "pages/compare.html",
        assistant=assistant,
        told=told,
        rows=list(side_by_side(told.instructions)),
        settings=changed_settings(desk.pages.language(request), told),
        sides=[DRAFT, *(str(each.version) for each in known.data)],
    )


@router.post("/{assistant_id}/versions/{number}/note")
async def note(
    request: Request,
    visitor: SignedIn,
    form: Form,
    versions: VersionsHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """Say something else about a version. Raises ValidationError for too many words."""
    await versions.note(visitor.token, place.assistant_id, place.number, form.text("note"))
    return go(request, f"{place.list}#version-{place.number}")


@router.post("/{assistant_id}/versions/{number}/restore")
async def restore(
    request: Request,
    visitor: SignedIn,
    form: Form,
    versions: VersionsHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """Write it into the draft; the list then offers to undo it."""
    del form  # read for its token
    done = await versions.restore(visitor.token, place.assistant_id, place.number)
    return go(request, f"{place.list}?left_out={len(done.left_out)}")


@router.post("/{assistant_id}/undo-restore")
async def undo_restore(
    request: Request, visitor: SignedIn, form: Form, versions: VersionsHere, assistant_id: Id
) -> Response:
    """Bring back the draft that was there before."""
    del form  # read for its token
    await versions.undo_restore(visitor.token, assistant_id)
    return go(request, f"/studio/{assistant_id}/versions")


@router.post("/{assistant_id}/actions/{number}/remove")
async def remove_action(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Annotated[Desk, Depends()],
    place: Annotated[Place, Depends()],
) -> Response:
    """Take a kept action out of the draft, if that is still the page's: else it might be another
    one that has its number."""
    seen = form.text("revision")
    revision = int(seen) if re.fullmatch("[0-9]{1,9}", seen) else None
    token = visitor.token
    actions = (await desk.assistants.get(token, place.assistant_id)).disabled_actions
    left = [each for at, each in enumerate(actions, start=1) if str(at) != place.number]
    changes = AssistantModify(disabled_actions=left, revision=revision)
    await desk.assistants.modify(token, place.assistant_id, changes)
    return go(request, place.list)
