"""An assistant as an API of its own: ready-made calls, and the keys bound to it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from contracts.accounts import KeyCreated
from contracts.assistants import AssistantView
from contracts.errors import StoreError
from runtime.provide import provided
from web.account.key_forms import NotAccepted, TypedKey, as_refusal
from web.clients.assistants import Assistants
from web.clients.keys import Keys
from web.forms import Form
from web.pages import go, is_htmx
from web.paths import Id
from web.studio.calls import CallsHere
from web.studio.workbench import Bench
from web.visitors import SignedIn, Visitor

router = APIRouter(prefix="/studio", include_in_schema=False)
AssistantsHere = Annotated[Assistants, provided(Assistants)]


class KeyDesk:
    """Makes and revokes the keys of one assistant, and shows what is left."""

    def __init__(
        self, bench: Bench, calls: CallsHere, keys: Annotated[Keys, provided(Keys)]
    ) -> None:
        self._bench = bench
        self._calls = calls
        self._keys = keys

    async def make(
        self, request: Request, visitor: Visitor, assistant: AssistantView, typed: TypedKey
    ) -> Response:
        """Make a key, and show its secret for the only time: alone, and in the calls."""
        # Whatever can fail comes before: a secret that was made and not shown is lost.
        gather = self._calls.gathered if is_htmx(request) else self._bench.gathered
        gathered = await gather(request, visitor, assistant)
        try:
            made = await self._made(visitor, typed)
        except NotAccepted as error:
            form = replace(gathered["key_form"], typed=typed, problems=error.problems)
            return self._shown(request, gathered | {"key_form": form}, status=422)
        gathered["keys"].data.insert(0, made)
        calls = self._calls.samples(request, assistant, made.key)
        return self._shown(request, gathered | {"made": made, "samples": calls})

    async def revoke(
        self, request: Request, visitor: Visitor, assistant: AssistantView, key_id: str, shown: str
    ) -> Response:
        """From now on the key opens nothing. shown: the key whose secret stands on the page."""
        await self._keys.revoke(visitor.token, key_id)
        if not is_htmx(request):
            return go(request, f"/studio/{assistant.id}#keys")
        left = await self._calls.gathered(request, visitor, assistant)
        gone = key_id if shown == key_id else ""
        return self._bench.pages.page(request, "partials/key_revoked.html", gone=gone, **left)

    async def _made(self, visitor: Visitor, typed: TypedKey) -> KeyCreated:
        wanted = typed.wanted()
        try:
            return await self._keys.create(visitor.token, wanted)
        except StoreError as error:
            raise as_refusal(error) from error

    def _shown(self, request: Request, values: dict[str, Any], *, status: int = 200) -> Response:
        template = "partials/own_api.html" if is_htmx(request) else "pages/studio_edit.html"
        return self._bench.pages.page(request, template, status=status, **values)


Desk = Annotated[KeyDesk, Depends(KeyDesk)]


class KeyPlace:
    """The address of a key of an assistant."""

    def __init__(self, assistant_id: Id, key_id: Id) -> None:
        self.assistant_id = assistant_id
        self.key_id = key_id


@router.get("/{assistant_id}/keys")
async def after_making(assistant_id: Id) -> Response:
    """Where the browser stands after making a key; asked for again, it shows no secret."""
    return RedirectResponse(f"/studio/{assistant_id}#keys", status_code=303)


@router.post("/{assistant_id}/keys")
async def make(
    request: Request,
    visitor: SignedIn,
    form: Form,
    assistants: AssistantsHere,
    desk: Desk,
    assistant_id: Id,
) -> Response:
    """Make a key. The answer itself shows the secret, so that it is kept nowhere on the way."""
    assistant = await assistants.get(visitor.token, assistant_id)
    return await desk.make(request, visitor, assistant, TypedKey.of(form, assistant.id))


@router.post("/{assistant_id}/keys/{key_id}/revoke")
async def revoke(
    request: Request,
    visitor: SignedIn,
    form: Form,
    assistants: AssistantsHere,
    desk: Desk,
    place: Annotated[KeyPlace, Depends()],
) -> Response:
    """From now on the key opens nothing."""
    assistant = await assistants.get(visitor.token, place.assistant_id)
    return await desk.revoke(request, visitor, assistant, place.key_id, form.id("shown"))
