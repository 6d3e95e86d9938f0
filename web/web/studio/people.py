"""With whom an assistant and what it knows are shared: members and groups, each with powers."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.sharing import GrantPower, SharingView
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.clients.catalog import Catalog
from web.clients.moderation import Moderation
from web.clients.sharing import Sharings
from web.forms import Form, Submitted
from web.pages import Pages, go
from web.paths import Id
from web.visitors import SignedIn, Visitor

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]

_OF_ASSISTANT = (GrantPower.USE, GrantPower.EDIT)
_OF_COLLECTION = (GrantPower.USE, GrantPower.DOWNLOAD, GrantPower.EDIT)


class NotShareable(StoreError):
    """The form names nobody, no power, or nothing that can be shared."""

    kind = ErrorKind.INVALID
    code = "invalid_request"


@dataclass(frozen=True)
class Shared:
    """One thing on the page. sharing None: it is not the visitor's to share."""

    id: str
    name: str
    powers: tuple[GrantPower, ...]
    sharing: SharingView | None

    @property
    def is_collection(self) -> bool:
        """A collection, whose visibility is chosen here too."""
        return self.powers == _OF_COLLECTION


class PeopleDesk:
    """Shows what is shared with whom, and changes it."""

    def __init__(
        self,
        pages: PagesHere,
        assistants: Annotated[Assistants, provided(Assistants)],
        sharings: Annotated[Sharings, provided(Sharings)],
        moderation: Annotated[Moderation, provided(Moderation)],
        catalog: Annotated[Catalog, provided(Catalog)],
    ) -> None:
        self._pages = pages
        self._assistants = assistants
        self._sharings = sharings
        self._moderation = moderation
        self._catalog = catalog

    async def page(
        self, request: Request, visitor: Visitor, assistant_id: str, saved: str
    ) -> Response:
        """The assistant and its collections with whom they are shared, and what the store shows."""
        assistant = await self._assistants.get(visitor.token, assistant_id)
        sharing = await self._sharings.of_assistant(visitor.token, assistant_id)
        known = assistant.tool_resources.file_search.vector_store_ids
        shown = [Shared(assistant.id, assistant.name, _OF_ASSISTANT, sharing)]
        shown += [await self._collection(visitor, found) for found in known]
        values: dict[str, Any] = {
            "assistant": assistant,
            "choices": await self._catalog.choices(visitor.token, assistant_id),
            "is_saved": saved == "listing",
            "shown": shown,
            "takedown": None
            if assistant.taken_down_at is None
            else await self._moderation.takedown(visitor.token, assistant.id),
            "colleagues": await self._sharings.colleagues(visitor.token),
            "groups": await self._sharings.groups(visitor.token),
        }
        return self._pages.page(request, "pages/studio_people.html", **values)

    async def add(self, visitor: Visitor, target: str, form: Submitted) -> None:
        """Grant one more power to a member or a group."""
        grantee, power = form.id("grantee"), form.text("power")
        if not grantee or power not in _powers_over(target):
            raise NotShareable("Choose with whom to share, and what they may do.")
        await self._sharings.grant(visitor.token, target, grantee, GrantPower(power))

    async def remove(self, visitor: Visitor, target: str, form: Submitted) -> None:
        """Take everything from a member or a group."""
        grantee = form.id("grantee")
        if not grantee:
            raise NotShareable("Choose with whom to share, and what they may do.")
        await self._sharings.take(visitor.token, target, grantee)

    async def open_or_close(self, visitor: Visitor, target: str, form: Submitted) -> None:
        """Let the whole workspace read a collection, or nobody else."""
        wanted = form.text("visibility")
        if wanted not in ("private", "workspace"):
            raise NotShareable("Choose who may read it.")
        await self._sharings.open_collection(
            visitor.token, target, "private" if wanted == "private" else "workspace"
        )

    async def _collection(self, visitor: Visitor, collection_id: str) -> Shared:
        try:
            found = await self._sharings.collection(visitor.token, collection_id)
            name = found.name
            sharing = await self._sharings.of_collection(visitor.token, collection_id)
        except StoreError as error:
            if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.FORBIDDEN):
                raise
            return Shared(collection_id, "", _OF_COLLECTION, None)
        return Shared(collection_id, name, _OF_COLLECTION, sharing)


def _powers_over(target: str) -> tuple[GrantPower, ...]:
    return _OF_COLLECTION if target.startswith("vs_") else _OF_ASSISTANT


Desk = Annotated[PeopleDesk, Depends(PeopleDesk)]


class Place:
    """What of an assistant is shared: itself, or one of its collections."""

    def __init__(self, assistant_id: Id, target: Id) -> None:
        self.target = target
        self.page = f"/studio/{assistant_id}/people"


@router.get("/{assistant_id}/people")
async def people(
    request: Request,
    visitor: SignedIn,
    desk: Desk,
    assistant_id: Id,
    saved: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """With whom the assistant and what it knows are shared."""
    return await desk.page(request, visitor, assistant_id, saved)


@router.post("/{assistant_id}/people/{target}/add")
async def add(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, place: Annotated[Place, Depends()]
) -> Response:
    """Share with one more member or group."""
    await desk.add(visitor, place.target, form)
    return go(request, place.page)


@router.post("/{assistant_id}/people/{target}/remove")
async def remove(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, place: Annotated[Place, Depends()]
) -> Response:
    """Share with one member or group no longer."""
    await desk.remove(visitor, place.target, form)
    return go(request, place.page)


@router.post("/{assistant_id}/people/{target}/visibility")
async def visibility(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, place: Annotated[Place, Depends()]
) -> Response:
    """Let the workspace read a collection, or keep it private."""
    await desk.open_or_close(visitor, place.target, form)
    return go(request, place.page)
